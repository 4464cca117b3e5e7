import { useState, type ReactNode } from "react";
import { useEngine } from "../../app/engine.tsx";
import { useMessages } from "../../messages/messages.tsx";
import { Banner } from "../../ui/banner.tsx";
import { Button } from "../../ui/button.tsx";
import { codeOf, doorFault } from "./faults.ts";
import classes from "./form.module.css";
import { DoorPage } from "./page.tsx";

/** Another tab or window has the mailbox open. */
export function Elsewhere({ address }: { readonly address: string }): ReactNode {
  const messages = useMessages();
  const { door } = messages;
  const engine = useEngine();
  const [error, setError] = useState<string | null>(null);
  const [busy, setBusy] = useState(false);

  async function use(): Promise<void> {
    setBusy(true);
    setError(null);
    try {
      await engine.call("door.takeOver", []);
    } catch (fault) {
      setError(codeOf(fault) === "TimeoutError" ? door.elsewhere.stuck : doorFault(messages, fault));
    }
    setBusy(false);
  }

  return (
    <DoorPage title={door.elsewhere.title} text={door.elsewhere.text(address)} focusTitle>
      <div className={classes["form"]}>
        {error === null ? null : <Banner tone="danger" icon="error" title={error} />}
        <Button kind="primary" wide isDisabled={busy} onPress={() => void use()}>
          {door.elsewhere.use}
        </Button>
      </div>
    </DoorPage>
  );
}
