import { useState, type FormEvent, type ReactNode } from "react";
import { useEngine, useLive } from "../../../app/engine.tsx";
import { useMessages } from "../../../messages/messages.tsx";
import { Button } from "../../../ui/button.tsx";
import { faultText } from "../../../ui/fault.ts";
import { Field } from "../../../ui/field.tsx";
import classes from "../form.module.css";
import { DoorPage } from "../page.tsx";

/** The first step of joining: the address, and the name that others see. */
export function NameStep({ invite }: { readonly invite: string }): ReactNode {
  const messages = useMessages();
  const { door } = messages;
  const engine = useEngine();
  const { data: server } = useLive("door.invite", [invite], []);
  const [local, setLocal] = useState("");
  const [name, setName] = useState("");
  const [error, setError] = useState<string | null>(null);
  const [busy, setBusy] = useState(false);
  const domain = server?.domains[0] ?? "";

  async function create(event: FormEvent): Promise<void> {
    event.preventDefault();
    setBusy(true);
    setError(null);
    try {
      await engine.call("door.join", [invite, `${local}#${domain}`, name]);
    } catch (fault) {
      setError(faultText(messages, fault));
      setBusy(false);
    }
  }

  return (
    <DoorPage step={1} title={door.name.title} text={server === undefined ? null : door.name.text(server.serverName)}>
      <form onSubmit={(event) => void create(event)} className={classes["form"]}>
        <Field
          label={door.name.address}
          help={door.name.addressHelp}
          suffix={`#${domain}`}
          value={local}
          onChange={setLocal}
          error={error}
          autoComplete="username"
          autoFocus
        />
        <Field label={door.name.name} help={door.name.nameHelp} value={name} onChange={setName} autoComplete="name" />
        <Button kind="primary" type="submit" wide isDisabled={busy || server === undefined}>
          {busy ? door.name.creating : door.name.create}
        </Button>
      </form>
    </DoorPage>
  );
}
