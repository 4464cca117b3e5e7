import { useState, type ReactNode } from "react";
import { useEngine } from "../../../app/engine.tsx";
import { useMessages } from "../../../messages/messages.tsx";
import { Button } from "../../../ui/button.tsx";
import { faultOf, NewPassphraseFields, NO_PASSPHRASE } from "../../door/new-passphrase.tsx";
import { PassphraseField } from "../../door/passphrase-field.tsx";
import { Username } from "../../door/username.tsx";
import { FaultLine } from "../fault-line.tsx";
import { useSaving } from "../saving.ts";
import { Form, Row } from "../section.tsx";

/** Changes the passphrase that opens the mailbox in this browser. */
export function ChangePassphrase({ address }: { readonly address: string }): ReactNode {
  const { settings, common } = useMessages();
  const texts = settings.security;
  const engine = useEngine();
  const [open, setOpen] = useState(false);
  const [old, setOld] = useState("");
  const [chosen, setChosen] = useState(NO_PASSPHRASE);
  const [looked, setLooked] = useState(false);
  const [wrongOld, setWrongOld] = useState(false);
  const { busy, error, save } = useSaving();

  function close(): void {
    setOpen(false);
    setOld("");
    setChosen(NO_PASSPHRASE);
    setLooked(false);
    setWrongOld(false);
  }

  async function change(): Promise<void> {
    setLooked(true);
    if (faultOf(chosen) !== null) return;
    const done = await save(
      async () => {
        try {
          await engine.call("door.setPassphrase", [chosen.passphrase, old]);
        } catch (fault) {
          setWrongOld(isWrong(fault));
          throw fault;
        }
      },
      { said: texts.changed, faults: { decryption_failed: texts.oldWrong } },
    );
    if (done) close();
  }

  if (!open) {
    return (
      <Row>
        <Button icon="lock" onPress={() => setOpen(true)}>
          {texts.change}
        </Button>
      </Row>
    );
  }
  return (
    <Form onSubmit={() => void change()}>
      <Username address={address} />
      <PassphraseField
        label={texts.old}
        autoComplete="current-password"
        value={old}
        onChange={(typed) => {
          setOld(typed);
          setWrongOld(false);
        }}
        error={wrongOld ? texts.oldWrong : null}
        autoFocus
      />
      <NewPassphraseFields
        label={texts.new}
        value={chosen}
        onChange={(value) => {
          setChosen(value);
          setLooked(false);
        }}
        fault={looked ? faultOf(chosen) : null}
        known={[address]}
      />
      {wrongOld ? null : <FaultLine error={error} />}
      <Row>
        <Button kind="primary" type="submit" isDisabled={busy}>
          {busy ? settings.saving : texts.change}
        </Button>
        <Button onPress={close}>{common.cancel}</Button>
      </Row>
    </Form>
  );
}

function isWrong(fault: unknown): boolean {
  return fault instanceof Error && "code" in fault && fault.code === "decryption_failed";
}
