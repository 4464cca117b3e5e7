import { useState, type FormEvent, type ReactNode } from "react";
import { useEngine } from "../../app/engine.tsx";
import type { MailboxState } from "../../engine/protocol.ts";
import { useMessages } from "../../messages/messages.tsx";
import { Button } from "../../ui/button.tsx";
import { faultText } from "../../ui/fault.ts";
import { Field } from "../../ui/field.tsx";
import { Mark } from "../../ui/mark.tsx";
import classes from "./door.module.css";

/** What stands before the mailbox: joining, unlocking, restoring, linking. */
export function Door({
  state,
}: {
  readonly state: Exclude<MailboxState, { kind: "open" }>;
  readonly invite: string | null;
  readonly failed: boolean;
}): ReactNode {
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
      setError(faultText(messages, fault));
    } finally {
      setBusy(false);
    }
  }

  return (
    <main className={classes["door"]}>
      <Mark size={56} />
      <h1>{state.kind === "locked" ? door.unlockTitle : door.welcomeTitle}</h1>
      {state.kind === "locked" ? (
        <form onSubmit={(event) => void unlock(event)} className={classes["form"]}>
          <p>{state.address}</p>
          <Field
            label={door.passphrase}
            type="password"
            autoComplete="current-password"
            value={passphrase}
            onChange={setPassphrase}
            error={error}
            autoFocus
          />
          <Button kind="primary" type="submit" wide isDisabled={busy}>
            {door.unlock}
          </Button>
        </form>
      ) : (
        <p>{door.welcomeText}</p>
      )}
    </main>
  );
}
