import { useRef, useState, type DragEvent, type ReactNode } from "react";
import { useDates } from "../../../app/dates.ts";
import { useEngine, useLive } from "../../../app/engine.tsx";
import { oneLine } from "../../../app/text.ts";
import type { ImportOutcome } from "../../../engine/calls/transfer.ts";
import { useMessages } from "../../../messages/messages.tsx";
import { Banner } from "../../../ui/banner.tsx";
import { Button } from "../../../ui/button.tsx";
import { useChoosingFiles } from "../../../ui/choosing-files.tsx";
import { Progress } from "../../../ui/progress.tsx";
import { Select } from "../../../ui/select.tsx";
import { Switch } from "../../../ui/switch.tsx";
import { FaultLine } from "../fault-line.tsx";
import { useSaving } from "../saving.ts";
import { Group, Note, Row } from "../section.tsx";
import classes from "./bring-mail.module.css";

/** The inbox, among ids of folders. */
const INBOX = "";

/** Brings mail in from elsewhere: files that other mail programs have exported. */
export function BringMail(): ReactNode {
  const { data, mailbox } = useMessages();
  const texts = data.transfer;
  const engine = useEngine();
  const { size } = useDates();
  const { data: folders = [] } = useLive("folders.list", [], ["folders"]);
  const [folder, setFolder] = useState(INBOX);
  const [unread, setUnread] = useState(false);
  const [at, setAt] = useState({ done: 0, total: 0 });
  const [outcome, setOutcome] = useState<ImportOutcome | null>(null);
  const [over, setOver] = useState(false);
  const { choose, chooser } = useChoosingFiles(texts.choose, (files) => void bring(files));
  const stop = useRef<AbortController>(null);
  const { busy, error, save } = useSaving();

  async function bring(files: readonly File[]): Promise<void> {
    if (files.length === 0 || busy) return;
    const controller = new AbortController();
    stop.current = controller;
    setOutcome(null);
    setAt({ done: 0, total: 0 });
    const options = { folder: folder === INBOX ? null : folder, read: !unread };
    await save(
      async () => {
        setOutcome(await engine.call("mail.import", [files, options], { signal: controller.signal, onProgress: setAt }));
      },
      { faults: { AbortError: texts.bringStopped } },
    );
  }

  function drop(event: DragEvent): void {
    event.preventDefault();
    setOver(false);
    void bring([...event.dataTransfer.files]);
  }

  return (
    <Group title={texts.bring} text={texts.bringText}>
      <Note>{texts.bringMark}</Note>
      {busy ? (
        <>
          <Progress
            label={at.total === 0 ? texts.counting : texts.bringing(size(at.done), size(at.total))}
            value={at.total === 0 ? null : at.done / at.total}
          />
          <Row>
            <Button onPress={() => stop.current?.abort()}>{texts.stop}</Button>
          </Row>
        </>
      ) : (
        <>
          <div className={classes["choices"]}>
            <Select
              label={texts.into}
              value={folder}
              options={[
                { value: INBOX, label: mailbox.rooms.inbox },
                ...folders
                  .filter(({ messageType }) => messageType === "email")
                  .map(({ id, name }) => ({ value: id, label: name === null ? mailbox.folders.unnamed : oneLine(name) })),
              ]}
              onChange={setFolder}
            />
            <Switch label={texts.unread} isOn={unread} onChange={setUnread} />
          </div>
          <div
            className={`${classes["drop"]} ${over ? classes["over"] : ""}`}
            onDragOver={(event) => {
              event.preventDefault();
              setOver(true);
            }}
            onDragLeave={() => setOver(false)}
            onDrop={drop}
          >
            <Button icon="file" onPress={choose}>
              {texts.choose}
            </Button>
            {chooser}
            <span className={classes["word"]}>{texts.drop}</span>
          </div>
        </>
      )}
      <FaultLine error={error} />
      {outcome === null ? null : <Outcome outcome={outcome} />}
    </Group>
  );
}

/** What was brought in, and what was not. */
function Outcome({ outcome }: { readonly outcome: ImportOutcome }): ReactNode {
  const { data } = useMessages();
  const texts = data.transfer;
  const { added, known, skipped, leftOut, full } = outcome;
  const nothing = added + known + skipped === 0 && !full;
  return (
    <Banner
      tone={full || skipped > 0 ? "warning" : "info"}
      icon={full ? "disk" : "check"}
      title={nothing ? texts.nothing : texts.done(added, known, skipped)}
    >
      {full ? <p>{texts.full}</p> : null}
      {leftOut.length === 0 ? null : (
        <ul className={classes["left"]} aria-label={texts.left}>
          {leftOut.map(({ place, reason }) => (
            <li key={place}>
              <bdi>{oneLine(place)}</bdi>: {texts.reasons[reason]}
            </li>
          ))}
          {skipped > leftOut.length ? <li>{texts.more(skipped - leftOut.length)}</li> : null}
        </ul>
      )}
      {skipped > 0 || full ? <p>{texts.again}</p> : null}
    </Banner>
  );
}
