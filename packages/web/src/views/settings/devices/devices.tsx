import type { Device } from "@smimp/client";
import { useEffect, useState, type ReactNode } from "react";
import { useDates } from "../../../app/dates.ts";
import { useEngine, useLive } from "../../../app/engine.tsx";
import { oneLine } from "../../../app/text.ts";
import { useMessages } from "../../../messages/messages.tsx";
import { Icon } from "../../../ui/icon.tsx";
import { ActionMenu } from "../../../ui/menu.tsx";
import { Progress } from "../../../ui/progress.tsx";
import { LinkOtherDevice } from "../../door/link/link-other-device.tsx";
import { FaultLine } from "../fault-line.tsx";
import { Group, Section } from "../section.tsx";
import classes from "./devices.module.css";
import { RemoveDevice } from "./remove-device.tsx";
import { RenameDevice } from "./rename-device.tsx";

/** The server is asked so often whether devices have come or gone, milliseconds: nothing tells of it by itself. */
const LOOK_EVERY = 5_000;

type Asking = { readonly what: "rename" | "remove"; readonly device: Device };

/** The devices that have the mailbox: named, removed, and more of them let in. */
export function Devices(): ReactNode {
  const { settings, common, door } = useMessages();
  const texts = settings.devices;
  const { data: devices, error } = useLive("devices.list", [], ["devices"]);
  const [asking, setAsking] = useState<Asking | null>(null);
  useFreshDevices();
  const close = (): void => setAsking(null);
  const others = (devices ?? []).filter(({ thisOne }) => !thisOne).length - 1;
  return (
    <Section title={settings.sections.devices} intro={texts.intro}>
      <Group title={texts.list}>
        <FaultLine error={error === null ? null : settings.failed} />
        {devices === undefined ? (
          error === null && <Progress label={common.loading} value={null} />
        ) : (
          <ul className={classes["list"]}>
            {devices.map((device) => (
              <DeviceRow
                key={device.id}
                device={device}
                onRename={() => setAsking({ what: "rename", device })}
                onRemove={() => setAsking({ what: "remove", device })}
              />
            ))}
          </ul>
        )}
      </Group>
      <Group title={door.linkOther.title}>
        <LinkOtherDevice />
      </Group>
      {asking?.what === "rename" ? <RenameDevice device={asking.device} onClose={close} /> : null}
      {asking?.what === "remove" ? <RemoveDevice device={asking.device} others={others} onClose={close} /> : null}
    </Section>
  );
}

/** Hears of devices that came, went or were renamed elsewhere, for as long as somebody looks. */
function useFreshDevices(): void {
  const engine = useEngine();
  useEffect(() => {
    const look = (): void => {
      if (document.visibilityState === "visible") engine.call("devices.refresh", []).catch(() => undefined);
    };
    look();
    const timer = setInterval(look, LOOK_EVERY);
    return () => clearInterval(timer);
  }, [engine]);
}

function DeviceRow({
  device,
  onRename,
  onRemove,
}: {
  readonly device: Device;
  readonly onRename: () => void;
  readonly onRemove: () => void;
}): ReactNode {
  const { settings } = useMessages();
  const texts = settings.devices;
  const dates = useDates();
  const name = oneLine(device.name);
  return (
    <li className={classes["device"]}>
      <span className={classes["icon"]}>
        <Icon name="device" />
      </span>
      <div className={classes["words"]}>
        <p className={classes["name"]}>
          <bdi>{name}</bdi>
          {device.thisOne ? <span className={classes["mark"]}>{texts.thisOne}</span> : null}
        </p>
        <p className={classes["since"]} title={dates.long(device.addedAt)}>
          {texts.since(dates.day(device.addedAt))}
        </p>
      </div>
      <ActionMenu
        label={texts.actions(name)}
        actions={[
          { id: "rename", label: texts.rename, icon: "draft", run: onRename },
          ...(device.thisOne ? [] : [{ id: "remove", label: texts.remove, icon: "block" as const, danger: true, run: onRemove }]),
        ]}
      />
    </li>
  );
}
