/** Resolves once everything else that waits for its turn in this event loop has had it: timers, input and output. */
export async function yieldToOthers(): Promise<void> {
  await new Promise<void>((resolve) => {
    // Node has a queue for this; in a browser a message comes back without the 4 ms that a timer waits.
    if (typeof setImmediate === "function") {
      setImmediate(resolve);
      return;
    }
    const { port1, port2 } = new MessageChannel();
    port1.addEventListener("message", () => {
      port1.close();
      resolve();
    });
    port1.start();
    port2.postMessage(null);
  });
}
