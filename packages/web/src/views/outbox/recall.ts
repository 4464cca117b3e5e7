import type { Address } from "@smimp/protocol";
import { keepChatDraft } from "../../app/chat-drafts.ts";
import { openComposer } from "../../app/composing.ts";
import { goTo } from "../../app/places.ts";
import type { Engine } from "../../engine/connect.ts";

/** Takes a message back out of the outbox, to where it is written on. Rejects with an EngineError. */
export async function recall(engine: Engine, id: string): Promise<void> {
  const recalled = await engine.call("outbox.recall", [id]);
  if (recalled.kind === "draft") openComposer({ kind: "draft", draftId: recalled.draftId });
  else {
    const { people, text, files } = recalled;
    keepChatDraft(people, { text, files });
    goTo({ room: "chat", with: people.join(",") });
  }
}

/** Takes back the oldest message that is on its way to somebody. */
export async function recallFor(engine: Engine, to: Address): Promise<void> {
  const entries = await engine.call("outbox.list", []);
  const entry = entries.find(({ copies }) =>
    copies.some((copy) => copy.to === to && (copy.state === "sending" || copy.state === "queued")),
  );
  if (entry !== undefined) await recall(engine, entry.id);
}
