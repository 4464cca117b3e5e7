import { useState, type ReactNode } from "react";
import { useDates } from "../../../app/dates.ts";
import { useEngine } from "../../../app/engine.tsx";
import { useMessages } from "../../../messages/messages.tsx";
import { Button } from "../../../ui/button.tsx";
import { Dialog, DialogButtons } from "../../../ui/dialog.tsx";
import { FaultLine } from "../fault-line.tsx";
import { useSaving } from "../saving.ts";
import { Note, Row } from "../section.tsx";

/** Replaces the keys of the mailbox, where somebody may have had a device in their hands. */
export function RenewLocks({ since }: { readonly since: string | null }): ReactNode {
  const { settings, common } = useMessages();
  const texts = settings.security;
  const engine = useEngine();
  const dates = useDates();
  const [asking, setAsking] = useState(false);
  const { busy, error, save } = useSaving();

  async function renew(): Promise<void> {
    const done = await save(async () => await engine.call("keys.rotate", []), {
      said: texts.renewed,
      faults: { temporarily_unavailable: texts.interrupted, rate_limited: settings.words.tooOften },
    });
    if (done) setAsking(false);
  }

  return (
    <>
      {since === null ? null : <Note>{texts.locksSince(dates.day(since))}</Note>}
      <Row>
        <Button icon="shield" onPress={() => setAsking(true)}>
          {texts.renew}
        </Button>
      </Row>
      <Dialog title={texts.renewTitle} isOpen={asking} onClose={() => setAsking(false)}>
        <p>{texts.renewText}</p>
        <p>{texts.renewOthers}</p>
        <p>{settings.devices.removeContacts}</p>
        <FaultLine error={error} />
        <DialogButtons>
          <Button onPress={() => setAsking(false)}>{common.cancel}</Button>
          <Button kind="primary" isDisabled={busy} onPress={() => void renew()}>
            {busy ? texts.renewing : texts.renew}
          </Button>
        </DialogButtons>
      </Dialog>
    </>
  );
}
