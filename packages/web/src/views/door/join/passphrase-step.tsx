import { useState, type FormEvent, type ReactNode } from "react";
import { useEngine } from "../../../app/engine.tsx";
import { useMessages } from "../../../messages/messages.tsx";
import { Button } from "../../../ui/button.tsx";
import { faultText } from "../../../ui/fault.ts";
import { Field } from "../../../ui/field.tsx";
import classes from "../form.module.css";
import { DoorPage } from "../page.tsx";

/** The last step of joining: the passphrase of this device. */
export function PassphraseStep(): ReactNode {
  const messages = useMessages();
  const { door } = messages;
  const engine = useEngine();
  const [passphrase, setPassphrase] = useState("");
  const [error, setError] = useState<string | null>(null);
  const [busy, setBusy] = useState(false);

  async function set(event: FormEvent): Promise<void> {
    event.preventDefault();
    setBusy(true);
    setError(null);
    try {
      await engine.call("door.setPassphrase", [passphrase, null]);
    } catch (fault) {
      setError(faultText(messages, fault));
      setBusy(false);
    }
  }

  return (
    <DoorPage step={3} title={door.choose.title} text={door.choose.text}>
      <form onSubmit={(event) => void set(event)} className={classes["form"]}>
        <Field
          label={door.passphrase}
          type="password"
          autoComplete="new-password"
          value={passphrase}
          onChange={setPassphrase}
          error={error}
          autoFocus
        />
        <Button kind="primary" type="submit" wide isDisabled={busy || passphrase.length < 8}>
          {busy ? door.choose.opening : door.choose.open}
        </Button>
      </form>
    </DoorPage>
  );
}
