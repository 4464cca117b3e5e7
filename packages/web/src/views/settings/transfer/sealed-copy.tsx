import { useRef, useState, type ReactNode } from "react";
import { useDates } from "../../../app/dates.ts";
import { useEngine } from "../../../app/engine.tsx";
import { useMessages } from "../../../messages/messages.tsx";
import { Button } from "../../../ui/button.tsx";
import { Progress } from "../../../ui/progress.tsx";
import { useAddress } from "../address.ts";
import { FaultLine } from "../fault-line.tsx";
import { useSaving } from "../saving.ts";
import { Group, Row } from "../section.tsx";
import { chooseTarget, datedName, download } from "./save-file.ts";

/** Saves everything that the server holds, as it holds it. */
export function SealedCopy(): ReactNode {
  const { data } = useMessages();
  const texts = data.transfer;
  const engine = useEngine();
  const address = useAddress();
  const { size } = useDates();
  const [done, setDone] = useState(0);
  const stop = useRef<AbortController>(null);
  const { busy, error, save } = useSaving();

  async function start(): Promise<void> {
    const name = datedName(texts.fileName, address, ".smimp.ndjson", new Date());
    const target = await chooseTarget({ name, type: "application/x-ndjson", ending: ".ndjson" });
    if (target === undefined) return;
    const controller = new AbortController();
    stop.current = controller;
    setDone(0);
    await save(
      async () => {
        const blob = await engine.call("account.export", [target], {
          signal: controller.signal,
          onProgress: (progress) => setDone(progress.done),
        });
        if (blob !== null) download(blob, name);
      },
      {
        said: texts.sealedDone,
        faults: { temporarily_unavailable: texts.brokenOff, rate_limited: texts.tooOften, AbortError: texts.stopped },
      },
    );
  }

  return (
    <Group title={texts.sealed} text={texts.sealedText}>
      <FaultLine error={error} />
      {busy ? (
        <>
          <Progress label={texts.sealedProgress(size(done))} value={null} />
          <Row>
            <Button onPress={() => stop.current?.abort()}>{texts.stop}</Button>
          </Row>
        </>
      ) : (
        <Row>
          <Button icon="download" onPress={() => void start()}>
            {texts.sealedSave}
          </Button>
        </Row>
      )}
    </Group>
  );
}
