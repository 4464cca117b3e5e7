import { openComposer } from "../../app/composing.ts";
import { onGoing, onLeaving } from "../../app/leaving.ts";
import type { Engine } from "../../engine/connect.ts";
import type { Messages } from "../../messages/messages.tsx";
import { endableToast, toast } from "../../ui/toasts.tsx";
import { hideDraft } from "../drafts/discarding.ts";
import { tellOnceSent } from "./telling.ts";

// What was told to be sent waits for some seconds, as the draft that it is: until then it can be taken back, and nothing has left. Whoever
// leaves the page meanwhile, or locks the mailbox, wants it sent.

/** Sends a draft soon. */
export function sendSoon(engine: Engine, compose: Messages["compose"], draftId: string): void {
  const { sending } = compose;
  const show = hideDraft(draftId);
  const { promise: sent, resolve: over } = Promise.withResolvers<void>();
  const end = endableToast({
    text: sending.soon,
    undo: () => {
      over();
      openComposer({ kind: "draft", draftId });
    },
    onGone: () => {
      engine
        .call("drafts.enqueue", [draftId])
        .then(({ id }) => tellOnceSent(engine, compose, id))
        .catch(() => {
          toast({ text: sending.failed, tone: "error", stays: true });
          openComposer({ kind: "draft", draftId });
        })
        .finally(over)
        .catch(() => undefined);
    },
  });
  const stops = [
    onGoing(end),
    onLeaving(async () => {
      end();
      await sent;
    }),
  ];
  addEventListener("beforeunload", hold);
  sent
    .then(() => {
      show();
      for (const stop of stops) stop();
      removeEventListener("beforeunload", hold);
    })
    .catch(() => undefined);

  /** Whoever closes the page now is asked: until the outbox has it, the message would stay a draft. */
  function hold(event: BeforeUnloadEvent): void {
    end();
    event.preventDefault();
  }
}
