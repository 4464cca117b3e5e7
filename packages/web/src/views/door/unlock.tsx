import { useState, type FormEvent, type ReactNode } from "react";
import { useEngine } from "../../app/engine.tsx";
import { EngineError } from "../../engine/connect.ts";
import { useMessages } from "../../messages/messages.tsx";
import { Button } from "../../ui/button.tsx";
import { faultText } from "../../ui/fault.ts";
import { Field } from "../../ui/field.tsx";
import classes from "./form.module.css";
import { DoorPage } from "./page.tsx";

/** Asks for the passphrase of the mailbox that is in this browser. */
export function Unlock({ address }: { readonly address: string }): ReactNode {
  const messages = useMessages();
  const { door } = messages;
  const engine = useEngine();
  const [passphrase, setPassphrase] = useState("");
  const [error, setError] = useState<string | null>(null);
  const [busy, setBusy] = useState(false);

  async function unlock(event: FormEvent): Promise<void> {
    event.preventDefault();
    setBusy(true);
    setError(null);
    try {
      await engine.call("door.unlock", [passphrase]);
    } catch (fault) {
      const wrong = fault instanceof EngineError && fault.code === "decryption_failed";
      setError(wrong ? door.wrongPassphrase : faultText(messages, fault));
      setBusy(false);
    }
  }

  return (
    <DoorPage title={door.unlockTitle} text={address}>
      <form onSubmit={(event) => void unlock(event)} className={classes["form"]}>
        <Field
          label={door.passphrase}
          type="password"
          autoComplete="current-password"
          value={passphrase}
          onChange={setPassphrase}
          error={error}
          autoFocus
        />
        <Button kind="primary" type="submit" wide isDisabled={busy || passphrase === ""}>
          {door.unlock}
        </Button>
      </form>
    </DoorPage>
  );
}
