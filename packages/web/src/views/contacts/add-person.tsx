import type { Address } from "@smimp/protocol";
import { useRef, useState, type FormEvent, type ReactNode } from "react";
import { useEngine } from "../../app/engine.tsx";
import { useMe } from "../../app/me.ts";
import { goTo } from "../../app/places.ts";
import { useMessages } from "../../messages/messages.tsx";
import { Button } from "../../ui/button.tsx";
import { Dialog, DialogButtons } from "../../ui/dialog.tsx";
import { faultText } from "../../ui/fault.ts";
import { Field } from "../../ui/field.tsx";
import { QrScanner } from "../../ui/qr-scanner.tsx";
import classes from "./add-person.module.css";

/** Adds somebody by their address, typed or scanned. */
export function AddPerson({ isOpen, onClose }: { readonly isOpen: boolean; readonly onClose: () => void }): ReactNode {
  const { contacts } = useMessages();
  return (
    <Dialog title={contacts.adding.title} isOpen={isOpen} onClose={onClose}>
      <Form onClose={onClose} />
    </Dialog>
  );
}

function Form({ onClose }: { readonly onClose: () => void }): ReactNode {
  const messages = useMessages();
  const { adding } = messages.contacts;
  const engine = useEngine();
  const me = useMe();
  const [text, setText] = useState("");
  const [error, setError] = useState<string | null>(null);
  const [busy, setBusy] = useState(false);
  const [isScanning, setScanning] = useState(false);
  const field = useRef<HTMLInputElement>(null);

  async function add(written: string): Promise<void> {
    // The button stays as it is meanwhile: one that can't be used loses the focus.
    if (busy) return;
    const refuse = (why: string): void => {
      setError(why);
      field.current?.focus();
    };
    setBusy(true);
    setError(null);
    try {
      const address: Address | null = await engine.call("people.parse", [written]);
      if (address === null) return refuse(messages.common.errors.bad_address);
      if (address === me) return refuse(adding.self);
      await engine.call("contacts.resolve", [address]);
      onClose();
      goTo({ room: "contacts", path: [address] });
    } catch (fault) {
      refuse(faultText(messages, fault));
    } finally {
      setBusy(false);
    }
  }

  const onSubmit = (event: FormEvent): void => {
    event.preventDefault();
    void add(text);
  };
  const onFound = (found: string): boolean => {
    if (found.length > 400 || !/^[a-z0-9]+#[a-z0-9.-]+$/i.test(found.trim())) return false;
    setScanning(false);
    setText(found.trim());
    void add(found);
    return true;
  };

  return (
    <form className={classes["form"]} onSubmit={onSubmit} noValidate>
      <p>{adding.text}</p>
      {isScanning ? (
        <QrScanner label={adding.picture} onFound={onFound} />
      ) : (
        <Field
          label={adding.label}
          inputRef={field}
          value={text}
          onChange={(value) => {
            setText(value);
            setError(null);
          }}
          error={error}
          placeholder={adding.placeholder}
          autoCapitalize="none"
          autoComplete="off"
          spellCheck="false"
          // oxlint-disable-next-line jsx-a11y/no-autofocus -- a dialog with one field
          autoFocus
        />
      )}
      <DialogButtons>
        <Button icon={isScanning ? "draft" : "scan"} onPress={() => setScanning(!isScanning)}>
          {isScanning ? adding.type : adding.scan}
        </Button>
        <Button kind="primary" type="submit" isDisabled={isScanning || text.trim() === ""}>
          {busy ? adding.finding : adding.find}
        </Button>
      </DialogButtons>
    </form>
  );
}
