import type { ArgsOf, CallProgress, ResultOf } from "./call.ts";
import type { EngineCalls } from "./calls/all.ts";
import type { EngineEvent, EngineMessage, Fault, PageMessage } from "./protocol.ts";

/** What the engine refused or could not do. */
export class EngineError extends Error {
  override readonly name = "EngineError";
  /** A code of protocol section 10, or the name of an error of the platform. */
  readonly code: string;

  constructor({ code, message }: Fault) {
    super(message);
    this.code = code;
  }
}

/** How a call is watched and stopped. */
export interface CallOptions {
  /** Whoever makes a call knows which of these it tells. */
  onProgress?(progress: CallProgress): void;
  readonly signal?: AbortSignal;
}

/** The page's side of the engine. */
export interface Engine {
  /** Calls the engine. Rejects with an EngineError. */
  call<Name extends keyof EngineCalls>(
    name: Name,
    args: ArgsOf<EngineCalls[Name]>,
    options?: CallOptions,
  ): Promise<ResultOf<EngineCalls[Name]>>;
  /** Hears what the engine says unasked; returns how to stop listening. */
  listen(listener: (event: EngineEvent) => void): () => void;
}

/** An engine that may wait with being fetched. */
export interface WaitingEngine extends Engine {
  /** Whoever waits has what they need before it: it may be fetched now. */
  goOn(): void;
}

interface Waiting {
  readonly resolve: (value: unknown) => void;
  readonly reject: (error: Error) => void;
  readonly onProgress: CallOptions["onProgress"];
}

/** The engine's worker, as far as it is needed here. */
export interface EngineWorker {
  postMessage(message: PageMessage): void;
  addEventListener(type: "message", listener: (event: MessageEvent<EngineMessage>) => void): void;
  addEventListener(type: "error", listener: (event: Event) => void): void;
}

/** Connects with an engine. */
export function connectEngine(worker: EngineWorker): WaitingEngine {
  const waiting = new Map<number, Waiting>();
  const listeners = new Set<(event: EngineEvent) => void>();
  const ready = Promise.withResolvers<void>();
  let last = 0;
  let broken: EngineError | null = null;

  worker.addEventListener("message", ({ data }) => {
    if ("ready" in data) return ready.resolve();
    if ("event" in data) {
      for (const listener of listeners) listener(data.event);
      return;
    }
    const call = waiting.get(data.id);
    if ("progress" in data) return call?.onProgress?.(data.progress);
    waiting.delete(data.id);
    if ("fault" in data) call?.reject(new EngineError(data.fault));
    else call?.resolve(data.value);
  });
  worker.addEventListener("error", () => {
    broken = new EngineError({ code: "EngineFailed", message: "the mail engine failed" });
    for (const { reject } of waiting.values()) reject(broken);
    waiting.clear();
    ready.reject(broken);
    for (const listener of listeners) listener({ type: "failed" });
  });
  ready.promise.catch(() => undefined);

  return {
    call: async (name, args, { onProgress, signal } = {}) => {
      await ready.promise;
      if (broken !== null) throw broken;
      signal?.throwIfAborted();
      const id = ++last;
      const cancel = (): void => worker.postMessage({ cancel: id });
      signal?.addEventListener("abort", cancel);
      try {
        return await new Promise<never>((resolve, reject) => {
          waiting.set(id, { resolve: resolve as (value: unknown) => void, reject, onProgress });
          worker.postMessage({ id, name, args });
        });
      } finally {
        signal?.removeEventListener("abort", cancel);
      }
    },
    goOn: () => worker.postMessage({ goOn: true }),
    listen: (listener) => {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
  };
}
