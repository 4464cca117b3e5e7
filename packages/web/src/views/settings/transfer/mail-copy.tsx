import { useRef, useState, type ReactNode } from "react";
import { useDates } from "../../../app/dates.ts";
import { useEngine } from "../../../app/engine.tsx";
import { useMessages } from "../../../messages/messages.tsx";
import { Banner } from "../../../ui/banner.tsx";
import { Button } from "../../../ui/button.tsx";
import { Progress } from "../../../ui/progress.tsx";
import { useAddress } from "../address.ts";
import { FaultLine } from "../fault-line.tsx";
import { useSaving } from "../saving.ts";
import { Group, Row } from "../section.tsx";
import { chooseTarget, datedName, download } from "./save-file.ts";

/** Saves all messages as a file that every mail program can read. */
export function MailCopy(): ReactNode {
  const { data } = useMessages();
  const texts = data.transfer;
  const engine = useEngine();
  const address = useAddress();
  const { number } = useDates();
  const [at, setAt] = useState({ done: 0, total: 0 });
  const [skipped, setSkipped] = useState(0);
  const stop = useRef<AbortController>(null);
  const { busy, error, done, save } = useSaving();

  async function start(): Promise<void> {
    const name = datedName(texts.fileName, address, ".mbox", new Date());
    const target = await chooseTarget({ name, type: "application/mbox", ending: ".mbox" });
    if (target === undefined) return;
    const controller = new AbortController();
    stop.current = controller;
    setAt({ done: 0, total: 0 });
    await save(
      async () => {
        const outcome = await engine.call("mail.export", [target], { signal: controller.signal, onProgress: setAt });
        if (outcome.file !== null) download(outcome.file, name);
        setSkipped(outcome.skipped);
        return texts.mailDone(outcome.exported);
      },
      { faults: { AbortError: texts.stopped } },
    );
  }

  return (
    <Group title={texts.mail} text={texts.mailText}>
      <FaultLine error={error} />
      {done === null ? null : (
        <Banner tone="info" icon="check" title={done}>
          {skipped === 0 ? null : <p>{texts.mailSkipped(skipped)}</p>}
        </Banner>
      )}
      {busy ? (
        <>
          <Progress label={texts.mailProgress(number(at.done), number(at.total))} value={at.total === 0 ? null : at.done / at.total} />
          <Row>
            <Button onPress={() => stop.current?.abort()}>{texts.stop}</Button>
          </Row>
        </>
      ) : (
        <Row>
          <Button icon="download" onPress={() => void start()}>
            {texts.mailSave}
          </Button>
        </Row>
      )}
    </Group>
  );
}
