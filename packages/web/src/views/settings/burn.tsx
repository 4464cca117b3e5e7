import { useState, type ReactNode } from "react";
import { useDates } from "../../app/dates.ts";
import { useEngine, useLive } from "../../app/engine.tsx";
import { hrefOf } from "../../app/places.ts";
import { useMessages } from "../../messages/messages.tsx";
import { Banner } from "../../ui/banner.tsx";
import { Button } from "../../ui/button.tsx";
import { Dialog, DialogButtons } from "../../ui/dialog.tsx";
import { Field } from "../../ui/field.tsx";
import { Select } from "../../ui/select.tsx";
import { toast } from "../../ui/toasts.tsx";
import { FaultLine } from "./fault-line.tsx";
import { monthsToBurn } from "./months.ts";
import { useSaving } from "./saving.ts";
import { Form, Group, Note, Points, Row, Section } from "./section.tsx";

/** Makes everything before a month unreadable for good. */
export function Burn(): ReactNode {
  const { settings } = useMessages();
  const texts = settings.burn;
  const dates = useDates();
  const { data: keys } = useLive("keys.status", [], ["keys"]);
  const [now] = useState(() => new Date());
  const months = keys === undefined ? [] : monthsToBurn(keys.archiveMonths, now);
  const [chosen, setChosen] = useState<string | null>(null);
  const [asking, setAsking] = useState(false);
  const month = chosen !== null && months.includes(chosen) ? chosen : months[0];

  return (
    <Section title={settings.sections.burn} intro={texts.intro}>
      {keys !== undefined && month === undefined ? <Banner tone="info" icon="fire" title={texts.none} /> : null}
      {month === undefined ? null : (
        <>
          <Group title={texts.choose}>
            <Select
              label={texts.choose}
              hideLabel
              value={month}
              options={months.map((each) => ({ value: each, label: dates.month(each) }))}
              onChange={setChosen}
            />
          </Group>
          <Group title={texts.what} danger>
            <Points points={[texts.whatOpened(dates.month(month)), texts.whatImported, texts.whatStays, texts.whatDevices]} />
            <Note>
              {texts.keep} <a href={hrefOf({ room: "settings", path: ["transfer"] })}>{texts.export}</a>
            </Note>
            <Row>
              <Button kind="danger" icon="fire" onPress={() => setAsking(true)}>
                {texts.burn}
              </Button>
            </Row>
          </Group>
          {asking ? <BurnDialog month={month} onClose={() => setAsking(false)} /> : null}
        </>
      )}
    </Section>
  );
}

/** Asks for a word to be typed: nobody burns by a slip of the finger. */
function BurnDialog({ month, onClose }: { readonly month: string; readonly onClose: () => void }): ReactNode {
  const { settings, common } = useMessages();
  const texts = settings.burn;
  const dates = useDates();
  const engine = useEngine();
  const [typed, setTyped] = useState("");
  const [looked, setLooked] = useState(false);
  const { busy, error, save } = useSaving();
  const right = typed.trim().toLowerCase() === texts.word;

  async function burn(): Promise<void> {
    setLooked(true);
    if (!right) return;
    const done = await save(
      async () => {
        const { messages } = await engine.call("keys.burnBefore", [month]);
        toast({ text: texts.burned(messages) });
      },
      { faults: { temporarily_unavailable: texts.later } },
    );
    if (done) onClose();
  }

  return (
    <Dialog title={texts.title(dates.month(month))} isOpen onClose={onClose}>
      <Form onSubmit={() => void burn()}>
        <p>{texts.sure}</p>
        <Field
          label={texts.type(texts.word)}
          value={typed}
          onChange={setTyped}
          error={looked && !right ? texts.typeWrong(texts.word) : null}
          autoComplete="off"
          autoCapitalize="none"
          spellCheck="false"
          autoFocus
        />
        <FaultLine error={error} />
        <DialogButtons>
          <Button onPress={onClose}>{common.cancel}</Button>
          <Button kind="danger" type="submit" isDisabled={busy}>
            {busy ? texts.burning : texts.burn}
          </Button>
        </DialogButtons>
      </Form>
    </Dialog>
  );
}
