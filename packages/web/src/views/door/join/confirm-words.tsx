import { useState, type ReactNode } from "react";
import { useEngine } from "../../../app/engine.tsx";
import { useMessages } from "../../../messages/messages.tsx";
import { joinFault } from "../faults.ts";
import { DoorPage } from "../page.tsx";
import { ConfirmWordsForm } from "./confirm-words-form.tsx";

/** Asks for some of the words before joining goes on. */
export function ConfirmWords({ words, onAgain }: { readonly words: readonly string[]; readonly onAgain: () => void }): ReactNode {
  const messages = useMessages();
  const { confirm: texts } = messages.door;
  const engine = useEngine();
  const [error, setError] = useState<string | null>(null);
  const [busy, setBusy] = useState(false);

  async function confirm(): Promise<void> {
    setBusy(true);
    setError(null);
    try {
      await engine.call("door.confirmPhrase", []);
    } catch (fault) {
      setError(joinFault(messages, fault));
    }
    setBusy(false);
  }

  return (
    <DoorPage step={2} title={texts.title} text={texts.text}>
      <ConfirmWordsForm words={words} busy={busy} error={error} onConfirm={() => void confirm()} onAgain={onAgain} />
    </DoorPage>
  );
}
