import { useState, type ReactNode } from "react";
import { useEngine, useEngineEvents } from "../../app/engine.tsx";
import { useMessages } from "../../messages/messages.tsx";
import { Button } from "../../ui/button.tsx";
import { Dialog, DialogButtons } from "../../ui/dialog.tsx";

/** Asks whether an account is worth the work, where a server wants much of it. */
export function WorkQuestion(): ReactNode {
  const { door, common } = useMessages();
  const engine = useEngine();
  const [asked, setAsked] = useState<number | null>(null);
  useEngineEvents((event) => {
    if (event.type === "question") setAsked(event.id);
    if (event.type === "settled") setAsked((now) => (now === event.id ? null : now));
  });

  function answer(yes: boolean): void {
    if (asked !== null) void engine.call("questions.answer", [asked, yes]).catch(() => undefined);
    setAsked(null);
  }

  return (
    <Dialog title={door.work.muchTitle} isOpen={asked !== null} onClose={() => answer(false)}>
      <p>{door.work.much}</p>
      <DialogButtons>
        <Button onPress={() => answer(false)}>{common.cancel}</Button>
        <Button kind="primary" onPress={() => answer(true)}>
          {door.work.goOn}
        </Button>
      </DialogButtons>
    </Dialog>
  );
}
