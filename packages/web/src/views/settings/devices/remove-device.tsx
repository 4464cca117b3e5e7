import type { Device } from "@smimp/client";
import type { ReactNode } from "react";
import { useEngine } from "../../../app/engine.tsx";
import { oneLine } from "../../../app/text.ts";
import { useMessages } from "../../../messages/messages.tsx";
import { Button } from "../../../ui/button.tsx";
import { Dialog, DialogButtons } from "../../../ui/dialog.tsx";
import { FaultLine } from "../fault-line.tsx";
import { useSaving } from "../saving.ts";

/** Shuts a device out, once its owner knows what that means. */
export function RemoveDevice({
  device,
  others,
  onClose,
}: {
  readonly device: Device;
  /** How many devices stay beside this one. */
  readonly others: number;
  readonly onClose: () => void;
}): ReactNode {
  const { settings, common } = useMessages();
  const texts = settings.devices;
  const engine = useEngine();
  const name = oneLine(device.name);
  const { busy, error, save } = useSaving();

  async function remove(): Promise<void> {
    const done = await save(async () => await engine.call("devices.remove", [device.id]), {
      said: texts.removed(name),
      faults: { not_found: texts.gone, rate_limited: settings.words.tooOften },
    });
    if (done) onClose();
  }

  return (
    <Dialog title={texts.removeTitle(name)} isOpen onClose={onClose}>
      <p>{texts.removeText}</p>
      <p>{texts.removeOthers(others)}</p>
      <p>{texts.removeKeeps}</p>
      <p>{texts.removeContacts}</p>
      <FaultLine error={error} />
      <DialogButtons>
        <Button onPress={onClose}>{common.cancel}</Button>
        <Button kind="danger" isDisabled={busy} onPress={() => void remove()}>
          {busy ? texts.removing : texts.remove}
        </Button>
      </DialogButtons>
    </Dialog>
  );
}
