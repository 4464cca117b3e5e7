import { useEffect, useEffectEvent, useRef, useState, type ReactNode } from "react";
import { useEngine } from "../../../app/engine.tsx";
import { useMessages } from "../../../messages/messages.tsx";
import { Banner } from "../../../ui/banner.tsx";
import { Button } from "../../../ui/button.tsx";
import { Dialog, DialogButtons } from "../../../ui/dialog.tsx";
import { Progress as ProgressBar } from "../../../ui/progress.tsx";
import { joinFault } from "../faults.ts";
import classes from "../form.module.css";
import { DoorPage } from "../page.tsx";
import { ConfirmWords } from "./confirm-words.tsx";
import { WordsPage } from "./words-page.tsx";
import { WorkPage } from "./work-page.tsx";
import { useWork } from "./work.ts";

/** The second step of joining: the recovery words, on paper before it goes on. */
export function WordsStep({
  address,
  onTrouble,
}: {
  readonly address: string;
  /** Told why there will be no such account, where there will be none. */
  readonly onTrouble: (text: string | null) => void;
}): ReactNode {
  const messages = useMessages();
  const engine = useEngine();
  const [shown, setShown] = useState<{ readonly words: readonly string[]; readonly server: string } | null>(null);
  const [error, setError] = useState<string | null>(null);
  const [written, setWritten] = useState(false);
  const { work, watch, end } = useWork();
  const stop = useRef<AbortController>(null);

  async function ask(): Promise<void> {
    // Only who presses Cancel gives the account up; a view that goes doesn't.
    stop.current = new AbortController();
    try {
      const { phrase, baseUrl } = await engine.call("door.phrase", [], { onProgress: watch(), signal: stop.current.signal });
      setShown({ words: phrase.split(" "), server: baseUrl });
    } catch (fault) {
      const text = joinFault(messages, fault);
      onTrouble(text);
      setError(text);
    }
    end();
  }
  const first = useEffectEvent(() => void ask());
  useEffect(() => first(), []);

  function retry(): void {
    setError(null);
    void ask();
  }

  if (shown !== null && written) return <ConfirmWords words={shown.words} onAgain={() => setWritten(false)} />;
  if (shown !== null) return <WordsPage {...shown} address={address} onWritten={() => setWritten(true)} />;
  if (work !== null) return <WorkPage work={work} onCancel={() => stop.current?.abort()} />;
  return <Unfinished address={address} error={error} onRetry={retry} />;
}

/** The server has to be asked first, or can't be. */
function Unfinished({
  address,
  error,
  onRetry,
}: {
  readonly address: string;
  readonly error: string | null;
  readonly onRetry: () => void;
}): ReactNode {
  const { door, common } = useMessages();
  const engine = useEngine();
  const [asking, setAsking] = useState(false);
  if (error === null) {
    return (
      <DoorPage step={2} title={door.phrase.title} focusTitle>
        <ProgressBar label={door.phrase.asking} value={null} />
      </DoorPage>
    );
  }
  return (
    <DoorPage step={2} title={door.phrase.failedTitle} text={door.phrase.failedText(address)} focusTitle>
      <Banner tone="danger" icon="offline" title={error} />
      <div className={classes["row"]}>
        <Button kind="primary" onPress={onRetry}>
          {common.retry}
        </Button>
        <Button onPress={() => setAsking(true)}>{door.phrase.startOver}</Button>
      </div>
      <Dialog title={door.phrase.startOver} isOpen={asking} onClose={() => setAsking(false)}>
        <p>{door.phrase.startOverText(address)}</p>
        <DialogButtons>
          <Button onPress={() => setAsking(false)}>{common.cancel}</Button>
          <Button kind="danger" onPress={() => void engine.call("door.forget", [])}>
            {door.phrase.startOver}
          </Button>
        </DialogButtons>
      </Dialog>
    </DoorPage>
  );
}
