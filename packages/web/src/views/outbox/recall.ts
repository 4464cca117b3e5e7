import type { Address } from "@smimp/protocol";
import { keepChatDraft } from "../../app/chat-drafts.ts";
import { openComposer } from "../../app/composing.ts";
import { goTo } from "../../app/places.ts";
import type { Got } from "../../engine/calls/writing.ts";
import type { Engine } from "../../engine/connect.ts";
import type { Messages } from "../../messages/messages.tsx";
import { toast } from "../../ui/toasts.tsx";

/** Takes a message back out of the outbox, to where it is written on; says who had got it by then, and resolves with it. Rejects with an EngineError. */
export async function recall(engine: Engine, { tookBack }: Pick<Messages["outbox"], "tookBack">, id: string): Promise<Got> {
  const recalled = await engine.call("outbox.recall", [id]);
  if (recalled.got !== "nobody") toast({ text: tookBack[recalled.got] });
  if (recalled.kind === "draft") openComposer({ kind: "draft", draftId: recalled.draftId });
  else {
    const { people, text, files } = recalled;
    keepChatDraft(people, { text, files });
    goTo({ room: "chat", with: people.join(",") });
  }
  return recalled.got;
}

/** Takes back the oldest message that is on its way to somebody; null where there is none any more. */
export async function recallFor(engine: Engine, texts: Pick<Messages["outbox"], "tookBack">, to: Address): Promise<Got | null> {
  const entries = await engine.call("outbox.list", []);
  const entry = entries.find(({ copies }) =>
    copies.some((copy) => copy.to === to && (copy.state === "sending" || copy.state === "queued")),
  );
  return entry === undefined ? null : await recall(engine, texts, entry.id);
}
