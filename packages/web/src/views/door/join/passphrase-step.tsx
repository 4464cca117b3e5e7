import { useState, type FormEvent, type ReactNode } from "react";
import { useLocation } from "wouter";
import { useEngine } from "../../../app/engine.tsx";
import { useMessages } from "../../../messages/messages.tsx";
import { Banner } from "../../../ui/banner.tsx";
import { Button } from "../../../ui/button.tsx";
import { doorFault } from "../faults.ts";
import classes from "../form.module.css";
import { faultOf, NewPassphraseFields, NO_PASSPHRASE } from "../new-passphrase.tsx";
import { DoorPage } from "../page.tsx";
import { Username } from "../username.tsx";

/** The last step before the mailbox, whichever way it came here: the passphrase of this device. */
export function PassphraseStep({ address, isNew }: { readonly address: string; readonly isNew: boolean }): ReactNode {
  const messages = useMessages();
  const { choose } = messages.door;
  const engine = useEngine();
  const [, go] = useLocation();
  const [value, setValue] = useState(NO_PASSPHRASE);
  const [fault, setFault] = useState<ReturnType<typeof faultOf>>(null);
  const [error, setError] = useState<string | null>(null);
  const [busy, setBusy] = useState(false);

  async function set(event: FormEvent): Promise<void> {
    event.preventDefault();
    const found = faultOf(value);
    setFault(found);
    setError(null);
    if (found !== null || busy) return;
    setBusy(true);
    try {
      // A mailbox that the browser clears away when its disk fills up would have to be brought back each time.
      void (navigator.storage as StorageManager | undefined)?.persist().catch(() => false);
      go("/", { replace: true });
      await engine.call("door.setPassphrase", [value.passphrase, null]);
    } catch (failure) {
      setError(doorFault(messages, failure));
    }
    setBusy(false);
  }

  return (
    <DoorPage
      title={isNew ? choose.title : choose.titleBack}
      text={isNew ? choose.text : choose.textBack(address)}
      {...(isNew ? { step: 3 as const } : {})}
    >
      <form onSubmit={(event) => void set(event)} className={classes["form"]} noValidate>
        <Username address={address} />
        <NewPassphraseFields
          value={value}
          onChange={(next) => {
            setValue(next);
            setFault(null);
          }}
          fault={fault}
          known={[address]}
          autoFocus
        />
        {error === null ? null : <Banner tone="danger" icon="error" title={error} />}
        <Button kind="primary" type="submit" wide isDisabled={busy}>
          {busy ? choose.opening : choose.open}
        </Button>
      </form>
    </DoorPage>
  );
}
