import type { OutboxEntry } from "@smimp/client";
import { keepChatDraft, chatDraft } from "../../app/chat-drafts.ts";
import { EMAIL_TYPE, SHORT_MESSAGE_TYPE } from "../../app/message-types.ts";
import type { Engine } from "../../engine/connect.ts";
import { toast } from "../../ui/toasts.tsx";
import { discardLater } from "../drafts/discarding.ts";

/** Takes a message out of the outbox. Nothing of it is lost as long as that can be taken back: then it waits to be sent once more. */
export async function removeLater(
  engine: Engine,
  text: string,
  { id, messageType }: Pick<OutboxEntry, "id" | "messageType">,
): Promise<void> {
  if (messageType !== SHORT_MESSAGE_TYPE && messageType !== EMAIL_TYPE) {
    await engine.call("outbox.remove", [id]);
    return toast({ text });
  }
  const recalled = await engine.call("outbox.recall", [id]);
  if (recalled.kind === "draft") {
    const { draftId } = recalled;
    // Where it can't be sent after all, it stays a draft.
    discardLater(engine, text, draftId, () => void engine.call("drafts.enqueue", [draftId]).catch(() => undefined));
    return;
  }
  const { people, text: said, files } = recalled;
  toast({
    text,
    undo: () => {
      engine.call("chat.send", [people, said, files]).catch(() => {
        if (chatDraft(people).text === "") keepChatDraft(people, { text: said, files });
      });
    },
  });
}
