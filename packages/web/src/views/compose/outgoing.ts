import { openComposer } from "../../app/composing.ts";
import type { Engine } from "../../engine/connect.ts";
import type { Messages } from "../../messages/messages.tsx";
import { toast } from "../../ui/toasts.tsx";
import { hideDraft } from "../drafts/discarding.ts";

// What was told to be sent waits for some seconds, as the draft that it is: until then it can be taken back, and nothing has left.

const waiting = new Set<string>();

/** Sends a draft soon. */
export function sendSoon(engine: Engine, { sending }: Messages["compose"], draftId: string): void {
  waiting.add(draftId);
  const show = hideDraft(draftId);
  addEventListener("beforeunload", hold);
  const over = (): void => {
    waiting.delete(draftId);
    show();
    if (waiting.size === 0) removeEventListener("beforeunload", hold);
  };
  toast({
    text: sending.soon,
    undo: () => {
      over();
      openComposer({ kind: "draft", draftId });
    },
    onGone: () => {
      engine
        .call("drafts.enqueue", [draftId])
        .catch(() => {
          toast({ text: sending.failed, tone: "error", stays: true });
          openComposer({ kind: "draft", draftId });
        })
        .finally(over)
        .catch(() => undefined);
    },
  });
}

/** Whoever closes the page now is asked: the message would stay a draft. */
function hold(event: BeforeUnloadEvent): void {
  event.preventDefault();
}
