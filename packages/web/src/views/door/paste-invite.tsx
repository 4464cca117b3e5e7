import { useState, type FormEvent, type ReactNode } from "react";
import { useLocation } from "wouter";
import { useEngine } from "../../app/engine.tsx";
import { useMessages } from "../../messages/messages.tsx";
import { Button } from "../../ui/button.tsx";
import { Field } from "../../ui/field.tsx";
import { joinFault } from "./faults.ts";
import classes from "./form.module.css";
import { DoorPage } from "./page.tsx";

/** Takes an invite link that was copied. It is kept in this page alone. */
export function PasteInvite({ onInvite }: { readonly onInvite: (link: string) => void }): ReactNode {
  const messages = useMessages();
  const { door, common } = messages;
  const engine = useEngine();
  const [, go] = useLocation();
  const [link, setLink] = useState("");
  const [error, setError] = useState<string | null>(null);
  const [busy, setBusy] = useState(false);

  async function take(event: FormEvent): Promise<void> {
    event.preventDefault();
    setBusy(true);
    setError(null);
    try {
      await engine.call("door.invite", [link.trim()]);
      onInvite(link.trim());
    } catch (fault) {
      setError(joinFault(messages, fault));
      setBusy(false);
    }
  }

  return (
    <DoorPage title={door.invite.title} text={door.invite.text} onBack={() => go("/")}>
      <form onSubmit={(event) => void take(event)} className={classes["form"]} noValidate>
        <Field
          label={door.invite.link}
          placeholder={door.invite.example}
          type="url"
          inputMode="url"
          autoComplete="off"
          spellCheck="false"
          value={link}
          onChange={setLink}
          error={error}
          autoFocus
        />
        <Button kind="primary" type="submit" wide isDisabled={busy || link.trim() === ""}>
          {common.next}
        </Button>
      </form>
    </DoorPage>
  );
}
