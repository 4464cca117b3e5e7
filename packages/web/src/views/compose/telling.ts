import type { Engine } from "../../engine/connect.ts";
import type { Messages } from "../../messages/messages.tsx";
import { toast } from "../../ui/toasts.tsx";

/** Milliseconds between two looks at what is sent to many. */
const LOOK = 300;

/** Says once that what is in the outbox was sent, or that it waits for a network. What failed is told of as a notice. */
export function tellOnceSent(engine: Engine, { sending }: Pick<Messages["compose"], "sending">, entryId: string): void {
  if (!navigator.onLine) return toast({ text: sending.waits });
  let timer: ReturnType<typeof setTimeout> | null = null;
  const stop = engine.listen((event) => {
    if (event.type === "state") return end();
    if (event.type !== "changed" || !event.topics.includes("outbox")) return;
    timer ??= setTimeout(() => {
      timer = null;
      look().catch(end);
    }, LOOK);
  });

  function end(): void {
    stop();
    if (timer !== null) clearTimeout(timer);
  }

  async function look(): Promise<void> {
    const entry = (await engine.call("outbox.list", [])).find(({ id }) => id === entryId);
    const others = entry?.copies.filter(({ own }) => !own) ?? [];
    // Taken back, or gone with everything else.
    if (others.length === 0 || others.some(({ state }) => state === "failed")) return end();
    if (others.some(({ state }) => state !== "sent")) return;
    end();
    toast({ text: sending.sent });
  }
}
