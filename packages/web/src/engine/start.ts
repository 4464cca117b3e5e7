// Where the worker begins: with a glance at whether there is a mailbox, so that the page knows what it will show. The engine and its
// cryptography follow, at once where the mailbox opens by itself. Nothing is imported here but when it runs, so that all of it is fetched
// side by side (see vite.config.ts).
import type { EngineMessage, PageMessage } from "./protocol.ts";

/** How long the engine waits for the page to have what it shows first, milliseconds. */
const AT_MOST = 4_000;

async function glance(): Promise<void> {
  const { lookAtVault } = await import("./glance.ts");
  const seen = await lookAtVault(Date.now());
  if (seen === null) return;
  const message: EngineMessage = { event: { type: "glance", glance: seen } };
  const told = Promise.withResolvers<void>();
  addEventListener("message", ({ data }: MessageEvent<PageMessage>) => ("goOn" in data ? told.resolve() : undefined));
  setTimeout(told.resolve, AT_MOST);
  postMessage(message);
  if (seen.kind !== "opening") await told.promise;
}

async function startEngine(): Promise<void> {
  // Where nothing can be seen at a glance, the engine says what is wrong.
  await glance().catch(() => undefined);
  try {
    await import("./worker.ts");
  } catch (error) {
    // What nobody catches here the page hears of.
    setTimeout(() => {
      throw error;
    });
  }
}

void startEngine();
