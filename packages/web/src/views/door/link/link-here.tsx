import { useEffect, useRef, useState, type FormEvent, type ReactNode } from "react";
import { useLocation } from "wouter";
import { useEngine } from "../../../app/engine.tsx";
import { useMessages, type Messages } from "../../../messages/messages.tsx";
import { Button } from "../../../ui/button.tsx";
import { Field } from "../../../ui/field.tsx";
import { codeOf, doorFault } from "../faults.ts";
import classes from "../form.module.css";
import { DoorPage } from "../page.tsx";
import { CodePage } from "./code-page.tsx";

/** A code that is being shown. */
interface Shown {
  readonly code: string;
  /** When it is good no more, by this device's clock, milliseconds. */
  readonly until: number;
}

/** Links this browser to a mailbox that is open on another device: the side that shows the code. */
export function LinkHere({ former }: { readonly former: string }): ReactNode {
  const messages = useMessages();
  const { link } = messages.door;
  const engine = useEngine();
  const [, go] = useLocation();
  const [address, setAddress] = useState(former);
  const [error, setError] = useState<string | null>(null);
  const [busy, setBusy] = useState(false);
  const [shown, setShown] = useState<Shown | null>(null);
  const [over, setOver] = useState<string | null>(null);
  const turn = useRef(0);

  // Whoever goes elsewhere waits no more.
  useEffect(() => () => void engine.call("door.cancelLinking", []).catch(() => undefined), [engine]);

  async function show(event?: FormEvent): Promise<void> {
    event?.preventDefault();
    if (busy) return;
    const mine = ++turn.current;
    setBusy(true);
    setError(null);
    try {
      const { linkCode, expiresAt } = await engine.call("door.beginLinking", [address.trim()]);
      setShown({ code: linkCode, until: Date.parse(expiresAt) });
      setOver(null);
      void wait(mine);
    } catch (fault) {
      setShown(null);
      setError(beginFault(messages, fault, address.trim()));
    }
    setBusy(false);
  }

  async function wait(mine: number): Promise<void> {
    try {
      await engine.call("door.finishLinking", []);
    } catch (fault) {
      // A code that is shown no more has no say.
      if (mine === turn.current) setOver(waitFault(messages, fault));
    }
  }

  function cancel(): void {
    turn.current++;
    setShown(null);
    void engine.call("door.cancelLinking", []).catch(() => undefined);
  }

  if (shown !== null) {
    return <CodePage code={shown.code} until={shown.until} over={over} isBusy={busy} onAgain={() => void show()} onCancel={cancel} />;
  }
  return (
    <DoorPage title={link.title} text={link.text} onBack={() => go("/")}>
      <form onSubmit={(event) => void show(event)} className={classes["form"]} noValidate>
        <Field
          label={link.address}
          placeholder={messages.door.restore.example}
          value={address}
          onChange={setAddress}
          error={error}
          autoComplete="username"
          autoCapitalize="none"
          spellCheck="false"
          autoFocus
        />
        <Button kind="primary" type="submit" wide isDisabled={busy || address.trim() === ""}>
          {link.show}
        </Button>
      </form>
    </DoorPage>
  );
}

function beginFault(messages: Messages, fault: unknown, address: string): string {
  return codeOf(fault) === "unknown_user" ? messages.door.link.nobody(address) : doorFault(messages, fault);
}

function waitFault(messages: Messages, fault: unknown): string {
  const { link } = messages.door;
  switch (codeOf(fault)) {
    case "not_found":
      return link.expired;
    case "decryption_failed":
    case "bad_request":
      return link.wrong;
    case "not_for_me":
      return link.otherAccount;
    default:
      return doorFault(messages, fault);
  }
}
