import { isSmimpError } from "@smimp/protocol";
import type { CallContext, CallTable } from "./call.ts";
import type { EngineEvent, EngineMessage, Fault, PageMessage } from "./protocol.ts";

/** The worker's side of a connection with a page. */
export interface PagePort {
  postMessage(message: EngineMessage): void;
  addEventListener(type: "message", listener: (event: { readonly data: PageMessage }) => void): void;
}

/** Answers a page's calls from a table. Returns how to tell the page something unasked. */
export function serveCalls(port: PagePort, calls: CallTable): (event: EngineEvent) => void {
  const running = new Map<number, AbortController>();

  async function run(id: number, name: string, args: readonly unknown[]): Promise<void> {
    const stop = new AbortController();
    running.set(id, stop);
    try {
      const call = Object.hasOwn(calls, name) ? calls[name] : undefined;
      if (call === undefined) throw new TypeError(`the engine has no call ${name}`);
      const context: CallContext = { signal: stop.signal, onProgress: (progress) => port.postMessage({ id, progress }) };
      port.postMessage({ id, value: await call(context, ...(args as never[])) });
    } catch (error) {
      port.postMessage({ id, fault: faultOf(error) });
    } finally {
      running.delete(id);
    }
  }

  port.addEventListener("message", ({ data }) => {
    if ("goOn" in data) return;
    if ("cancel" in data) running.get(data.cancel)?.abort(new DOMException("cancelled", "AbortError"));
    else void run(data.id, data.name, data.args);
  });
  port.postMessage({ ready: true });
  return (event) => port.postMessage({ event });
}

/** What a page is told of an error. Names of errors of the platform (`AbortError`, `QuotaExceededError`, …) serve as codes. */
export function faultOf(error: unknown): Fault {
  if (isSmimpError(error)) return { code: error.code, message: error.message };
  if (error instanceof Error) return { code: error.name, message: error.message };
  return { code: "Error", message: String(error) };
}
