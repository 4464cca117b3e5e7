import type { OwnerQuestion } from "@smimp/client";
import type { ReactNode } from "react";
import { useNames } from "../../app/names.ts";
import { useMessages } from "../../messages/messages.tsx";
import { Button } from "../../ui/button.tsx";
import { Dialog, DialogButtons } from "../../ui/dialog.tsx";

/** Tries that a core makes in a second, roughly; and cores that browsers let be used at once. */
const TRIES_A_SECOND = 6_000_000;
const MAX_CORES = 8;

/** Whether a message is worth the work that a server wants. */
export function WorthIt({ asked, answer }: { readonly asked: OwnerQuestion; readonly answer: (yes: boolean) => void }): ReactNode {
  const { question } = useMessages().outbox;
  const nameOf = useNames();
  const cores = Math.min(MAX_CORES, Math.max(1, navigator.hardwareConcurrency));
  const minutes = Math.ceil(asked.expectedTries / (TRIES_A_SECOND * cores) / 60);
  return (
    <Dialog title={question.title} isOpen onClose={() => answer(false)}>
      <p>{question.text(nameOf(asked.to))}</p>
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
