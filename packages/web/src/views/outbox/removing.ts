import type { OutboxEntry } from "@smimp/client";
import { keepChatDraft, chatDraft } from "../../app/chat-drafts.ts";
import { EMAIL_TYPE, SHORT_MESSAGE_TYPE } from "../../app/message-types.ts";
import type { Got } from "../../engine/calls/writing.ts";
import type { Engine } from "../../engine/connect.ts";
import type { Messages } from "../../messages/messages.tsx";
import { toast } from "../../ui/toasts.tsx";
import { discardLater } from "../drafts/discarding.ts";

type Texts = Pick<Messages["outbox"], "removed" | "removedFrom">;

/** Takes a message out of the outbox. Nothing of it is lost as long as that can be taken back: then it waits to be sent once more. */
export async function removeLater(
  engine: Engine,
  texts: Texts,
  { id, messageType }: Pick<OutboxEntry, "id" | "messageType">,
): Promise<void> {
  const isWritten = messageType === SHORT_MESSAGE_TYPE || messageType === EMAIL_TYPE;
  // What is kept no more, or finds no room as a draft, can't be taken back, but goes all the same.
  const recalled = isWritten ? await engine.call("outbox.recall", [id]).catch(() => null) : null;
  if (recalled === null) {
    return toast({ text: textOf(texts, await engine.call("outbox.remove", [id])) });
  }
  const text = textOf(texts, recalled.got);
  if (recalled.kind === "draft") {
    const { draftId, got } = recalled;
    if (got === "all") {
      // Nobody is left to send it to.
      await engine.call("drafts.remove", [draftId]).catch(() => undefined);
      return toast({ text });
    }
    // Where it can't be sent after all, it stays a draft.
    discardLater(engine, text, draftId, () => void engine.call("drafts.enqueue", [draftId]).catch(() => undefined));
    return;
  }
  const { people, text: said, files, got } = recalled;
  // A conversation is with all of its people: those who have got it would get it twice.
  if (got !== "nobody") return toast({ text });
  toast({
    text,
    undo: () => {
      engine.call("chat.send", [people, said, files]).catch(() => {
        if (chatDraft(people).text === "") keepChatDraft(people, { text: said, files });
      });
    },
  });
}

function textOf({ removed, removedFrom }: Texts, got: Got): string {
  return got === "nobody" ? removed : removedFrom[got];
}
