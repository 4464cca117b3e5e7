import { useRef, useState, type FormEvent, type ReactNode } from "react";
import { useEngine, useLive } from "../../../app/engine.tsx";
import type { InvitedTo } from "../../../engine/calls/joining.ts";
import { useMessages } from "../../../messages/messages.tsx";
import { Banner } from "../../../ui/banner.tsx";
import { Button } from "../../../ui/button.tsx";
import { Field } from "../../../ui/field.tsx";
import { codeOf, joinFault } from "../faults.ts";
import classes from "../form.module.css";
import { DoorPage } from "../page.tsx";
import { AddressField } from "./address-field.tsx";
import { WorkPage } from "./work-page.tsx";
import { useWork } from "./work.ts";

/** Codes of what is wrong with the address that was chosen, not with anything else. */
const ADDRESS_FAULTS: ReadonlySet<string> = new Set(["bad_address", "already_initialized"]);

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
      const text = joinFault(messages, fault);
      // What is wrong with the address is said at its field.
      if (ADDRESS_FAULTS.has(codeOf(fault))) {
        setError(text);
        field.current?.focus();
      } else setFailed(text);
    }
    end();
    setBusy(false);
  }
  /** What was wrong with another address is wrong no more. */
  function changed(): void {
    setError(null);
    setFailed(null);
  }

  if (failed === door.errors.unauthenticated) return <InviteRefused onLeave={onLeave} onAgain={() => setFailed(null)} />;
  if (work !== null) return <WorkPage work={work} onCancel={() => stop.current?.abort()} />;
  return (
    <DoorPage step={1} title={door.name.title} text={door.name.text(server?.serverName ?? hostOf(invite))}>
      <form onSubmit={(event) => void create(event)} className={classes["form"]} noValidate>
        {failed === null ? null : <Banner tone="danger" icon="error" title={failed} />}
        <AddressField
          invite={invite}
          domains={domains}
          local={local}
          onLocal={(typed) => {
            setLocal(typed);
            changed();
          }}
          domain={domain}
          onDomain={(each) => {
            setChosen(each);
            changed();
          }}
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

/** The invite does for nobody, or not for this address: whoever used it up themselves has a mailbox. */
function InviteRefused({ onLeave, onAgain }: { readonly onLeave: () => void; readonly onAgain: () => void }): ReactNode {
  const { door } = useMessages();
  return (
    <DoorPage title={door.invite.refused} text={door.invite.refusedText} focusTitle>
      <div className={classes["form"]}>
        <p className={classes["hint"]}>{door.invite.refusedYours}</p>
        <Button kind="primary" wide onPress={onLeave}>
          {door.name.known}
        </Button>
        <div className={classes["quietly"]}>
          <Button kind="quiet" onPress={onAgain}>
            {door.invite.otherAddress}
          </Button>
        </div>
      </div>
    </DoorPage>
  );
}

/** Where an invite leads; nothing where it is none. */
function hostOf(invite: string): string {
  return URL.canParse(invite) ? new URL(invite).host : "";
}
