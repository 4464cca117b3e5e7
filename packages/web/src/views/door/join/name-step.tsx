import { useRef, useState, type FormEvent, type ReactNode } from "react";
import { useEngine, useLive } from "../../../app/engine.tsx";
import type { InvitedTo } from "../../../engine/calls/joining.ts";
import { useMessages } from "../../../messages/messages.tsx";
import { Banner } from "../../../ui/banner.tsx";
import { Button } from "../../../ui/button.tsx";
import { Field } from "../../../ui/field.tsx";
import { joinFault } from "../faults.ts";
import classes from "../form.module.css";
import { DoorPage } from "../page.tsx";
import { AddressField } from "./address-field.tsx";
import { WorkPage } from "./work-page.tsx";
import { useWork } from "./work.ts";

/** The first step of joining: the address, and the name that others see. */
export function NameStep({
  invite,
  trouble,
  onLeave,
}: {
  readonly invite: string;
  /** Why an account that was begun came to nothing. */
  readonly trouble: string | null;
  /** This is not what the person wants here. */
  readonly onLeave: () => void;
}): ReactNode {
  const messages = useMessages();
  const { door, common } = messages;
  const { data: server, error, reload } = useLive("door.invite", [invite], []);
  const no = server === undefined ? null : server.admission === "closed" ? "closed" : server.admission === "uninvited" ? "uninvited" : null;

  // Whoever was invited types while the server is still being asked.
  if (no === null && error === null) return <NameForm invite={invite} server={server ?? null} trouble={trouble} onLeave={onLeave} />;
  return (
    <DoorPage title={door.invite.title} focusTitle>
      {no === null ? null : <Banner tone="danger" icon="error" title={door.errors[no]} />}
      {error === null ? null : <Banner tone="danger" icon="error" title={joinFault(messages, error) ?? ""} />}
      <div className={classes["row"]}>
        {error === null ? null : (
          <Button kind="primary" onPress={reload}>
            {common.retry}
          </Button>
        )}
        <Button onPress={onLeave}>{common.back}</Button>
      </div>
    </DoorPage>
  );
}

function NameForm({
  invite,
  server,
  trouble,
  onLeave,
}: {
  readonly invite: string;
  /** Null until it has answered. */
  readonly server: InvitedTo | null;
  readonly trouble: string | null;
  readonly onLeave: () => void;
}): ReactNode {
  const messages = useMessages();
  const { door } = messages;
  const engine = useEngine();
  const [local, setLocal] = useState("");
  const [chosen, setChosen] = useState<string | null>(null);
  const domains = server?.domains ?? [];
  const domain = chosen ?? domains[0] ?? null;
  const [name, setName] = useState("");
  const [error, setError] = useState<string | null>(null);
  const [failed, setFailed] = useState<string | null>(trouble);
  const [busy, setBusy] = useState(false);
  const { work, watch, end } = useWork();
  const stop = useRef<AbortController>(null);
  const field = useRef<HTMLInputElement>(null);

  async function create(event: FormEvent): Promise<void> {
    event.preventDefault();
    if (busy || domain === null) return;
    setFailed(null);
    setError(local.trim() === "" ? door.name.missing : null);
    if (local.trim() === "") return field.current?.focus();
    setBusy(true);
    stop.current = new AbortController();
    try {
      const watched = { onProgress: watch(), signal: stop.current.signal };
      await engine.call("door.join", [invite, `${local.trim()}#${domain}`, name], watched);
    } catch (fault) {
      setFailed(joinFault(messages, fault));
    }
    end();
    setBusy(false);
  }

  if (work !== null) return <WorkPage work={work} onCancel={() => stop.current?.abort()} />;
  return (
    <DoorPage step={1} title={door.name.title} text={door.name.text(server?.serverName ?? hostOf(invite))}>
      <form onSubmit={(event) => void create(event)} className={classes["form"]} noValidate>
        {failed === null ? null : <Banner tone="danger" icon="error" title={failed} />}
        <AddressField
          invite={invite}
          domains={domains}
          local={local}
          onLocal={setLocal}
          domain={domain}
          onDomain={setChosen}
          error={error}
          inputRef={field}
        />
        <Field label={door.name.name} help={door.name.nameHelp} value={name} onChange={setName} autoComplete="name" maxLength={100} />
        <Button kind="primary" type="submit" wide isDisabled={busy || domain === null}>
          {busy ? door.name.creating : door.name.create}
        </Button>
        <div className={classes["quietly"]}>
          <Button kind="quiet" onPress={onLeave}>
            {door.name.known}
          </Button>
        </div>
      </form>
    </DoorPage>
  );
}

/** Where an invite leads; nothing where it is none. */
function hostOf(invite: string): string {
  return URL.canParse(invite) ? new URL(invite).host : "";
}
