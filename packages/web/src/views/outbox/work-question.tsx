import { useState, type ReactNode } from "react";
import { useEngine, useEngineEvents } from "../../app/engine.tsx";
import { useNames } from "../../app/names.ts";
import type { EngineEvent } from "../../engine/protocol.ts";
import { useMessages } from "../../messages/messages.tsx";
import { Button } from "../../ui/button.tsx";
import { Dialog, DialogButtons } from "../../ui/dialog.tsx";

type Asked = Extract<EngineEvent, { readonly type: "question" }>;

/** Tries that a core makes in a second, roughly; and cores that browsers let be used at once. */
const TRIES_A_SECOND = 6_000_000;
const MAX_CORES = 8;

/** Asks whether a message is worth the work, where a server wants much of it. */
export function WorkQuestion(): ReactNode {
  const { question } = useMessages().outbox;
  const engine = useEngine();
  const nameOf = useNames();
  const [asked, setAsked] = useState<readonly Asked[]>([]);
  useEngineEvents((event) => {
    if (event.type === "question") setAsked((before) => [...before, event]);
  });
  const [first] = asked;
  if (first === undefined) return null;

  const answer = (yes: boolean): void => {
    setAsked((before) => before.filter(({ id }) => id !== first.id));
    void engine.call("questions.answer", [first.id, yes]);
  };
  const cores = Math.min(MAX_CORES, Math.max(1, navigator.hardwareConcurrency));
  const minutes = Math.ceil(first.question.expectedTries / (TRIES_A_SECOND * cores) / 60);
  return (
    <Dialog key={first.id} title={question.title} isOpen onClose={() => answer(false)}>
      <p>{question.text(nameOf(first.question.to))}</p>
      <p>{question.time(minutes)}</p>
      <DialogButtons>
        <Button onPress={() => answer(false)}>{question.no}</Button>
        <Button kind="primary" onPress={() => answer(true)}>
          {question.goOn}
        </Button>
      </DialogButtons>
    </Dialog>
  );
}
