import { useState, type ReactNode } from "react";
import { useEngine, useLive } from "../../../app/engine.tsx";
import { hrefOf } from "../../../app/places.ts";
import { useMessages } from "../../../messages/messages.tsx";
import { Button } from "../../../ui/button.tsx";
import { Dialog, DialogButtons } from "../../../ui/dialog.tsx";
import { PHRASE_LENGTH, WordsField } from "../../door/restore/words-field.tsx";
import { FaultLine } from "../fault-line.tsx";
import { useSaving } from "../saving.ts";
import { Form, Group, Note, Points, Row } from "../section.tsx";

/** Deletes the account for good. */
export function DeleteAccount(): ReactNode {
  const { settings, data } = useMessages();
  const texts = data.account;
  const [asking, setAsking] = useState(false);
  return (
    <Group title={texts.remove} text={texts.removeText} danger>
      <Note>
        {texts.removeExport} <a href={hrefOf({ room: "settings", path: ["transfer"] })}>{settings.sections.transfer}</a>
      </Note>
      <Row>
        <Button kind="danger" icon="trash" onPress={() => setAsking(true)}>
          {texts.removeStart}
        </Button>
      </Row>
      {asking ? <DeleteDialog onClose={() => setAsking(false)} /> : null}
    </Group>
  );
}

function DeleteDialog({ onClose }: { readonly onClose: () => void }): ReactNode {
  const { data, common } = useMessages();
  const texts = data.account;
  const engine = useEngine();
  const { data: known = [] } = useLive("door.wordList", [], []);
  const [words, setWords] = useState<readonly string[]>(() => Array.from({ length: PHRASE_LENGTH }, () => ""));
  const [looked, setLooked] = useState(false);
  const { busy, error, save } = useSaving();

  async function remove(): Promise<void> {
    setLooked(true);
    if (!words.every((word) => known.includes(word))) return;
    // Where it goes well, this page goes with it.
    await save(async () => await engine.call("account.remove", [words.join(" ")]), {
      faults: { bad_request: texts.notAPhrase, unauthenticated: texts.notTheirs },
    });
  }

  return (
    <Dialog title={texts.removeTitle} isOpen onClose={onClose} width="wide">
      <Points points={texts.removeWhat} />
      <Form onSubmit={() => void remove()}>
        <p>
          <strong>{texts.removeWords}</strong>
        </p>
        <WordsField words={words} onChange={setWords} known={known} isInvalid={looked} />
        <FaultLine error={error} />
        <DialogButtons>
          <Button onPress={onClose}>{common.cancel}</Button>
          <Button kind="danger" type="submit" isDisabled={busy}>
            {busy ? texts.removing : texts.removeNow}
          </Button>
        </DialogButtons>
      </Form>
    </Dialog>
  );
}
