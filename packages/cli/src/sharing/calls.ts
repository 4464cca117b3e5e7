import { CliError, EXIT } from "../failure.ts";
import { AbortedError, pack, packError, unpack, unpackError, type Packed, type PackedError, type References } from "./values.ts";

// Calls between two processes, in both directions: methods of what one of them shares, and functions, streams and signals that are handed
// over as arguments or results.

/** What one side tells the other. */
export type Message =
  | { readonly type: "call"; readonly call: number; readonly path: readonly string[] | number; readonly args: readonly Packed[] }
  | { readonly type: "answer"; readonly call: number; readonly value: Packed }
  | { readonly type: "failure"; readonly call: number; readonly error: PackedError }
  | { readonly type: "next" | "return"; readonly call: number; readonly stream: number }
  | { readonly type: "abort"; readonly signal: number }
  | { readonly type: "release"; readonly signals: readonly number[] };

/** The other process ended, or closed the line, before it answered: what came of the call is not known. */
export class ConnectionLostError extends CliError {
  constructor() {
    super("The smimp that has the mailbox open ended in the middle of this.", {
      exitCode: EXIT.later,
      advice: "Look whether it was done (`smimp outbox`, `smimp inbox --sent`), and run the command again if it was not.",
    });
  }
}

/** One end of a line over which both sides can call each other. */
export interface Caller {
  /** Calls a method of what the other side shares. The result is a promise, and a stream for what gives a stream. */
  call(path: readonly string[], args: readonly unknown[]): Promise<unknown> & AsyncIterable<unknown>;
  /** Takes a message of the other side. */
  receive(message: Message): void;
  /** Calls of the other side that are being worked at, streams aside. */
  working(): number;
  /** The line is closed: what waits for answers fails, what was handed over is let go, signals of the other side abort. */
  end(): void;
}

type Kind = "function" | "stream" | "signal";

/** What was handed over in one call, and is let go of together. */
interface Scope {
  readonly ids: number[];
  readonly signals: number[];
  readonly undo: (() => void)[];
}

const emptyScope = (): Scope => ({ ids: [], signals: [], undo: [] });

/** Makes one end. `shared` is what the other side may call methods of; null shares nothing. */
export function createCaller(shared: object | null, send: (message: Message) => void): Caller {
  const waiting = new Map<number, PromiseWithResolvers<Packed>>();
  const given = new Map<number, object>();
  const streams = new Map<number, AsyncIterator<unknown>>();
  const signals = new Map<number, AbortController>();
  let lastId = 0;
  let lastCall = 0;
  let working = 0;
  let ended = false;

  const references = (scope: Scope): References => ({
    give: (kind, target) => {
      const id = ++lastId;
      given.set(id, target);
      scope.ids.push(id);
      if (kind === "signal") watchSignal(target as AbortSignal, id, scope);
      return id;
    },
    take,
  });

  function watchSignal(signal: AbortSignal, id: number, scope: Scope): void {
    scope.signals.push(id);
    const abort = (): void => send({ type: "abort", signal: id });
    if (signal.aborted) queueMicrotask(abort);
    else {
      signal.addEventListener("abort", abort, { once: true });
      scope.undo.push(() => signal.removeEventListener("abort", abort));
    }
  }

  function take(kind: Kind, id: number): unknown {
    if (kind === "function") return (...args: readonly unknown[]) => ask(id, args);
    if (kind === "stream") return remoteStream(Promise.resolve(id));
    const controller = signals.get(id) ?? new AbortController();
    signals.set(id, controller);
    return controller.signal;
  }

  function letGo({ ids, undo, signals: watched }: Scope): void {
    if (watched.length > 0) send({ type: "release", signals: watched });
    for (const id of ids) given.delete(id);
    for (const each of undo) each();
  }

  /** Asks for something; what is handed over with it is let go of with the answer, or when the stream that it gives ends. */
  function ask(path: readonly string[] | number, args: readonly unknown[]): Promise<unknown> & AsyncIterable<unknown> {
    const scope = emptyScope();
    const call = ++lastCall;
    const answered = (async (): Promise<Packed> => {
      if (ended) throw new ConnectionLostError();
      const waits = Promise.withResolvers<Packed>();
      waiting.set(call, waits);
      const packed = args.map((each) => pack(each, references(scope)));
      send({ type: "call", call, path, args: packed });
      return await waits.promise;
    })();
    // A reason that stayed behind is the one of the signal that was handed over.
    const reason = (error: unknown): unknown => {
      const aborted = scope.ids.map((id) => given.get(id)).find((each): each is AbortSignal => each instanceof AbortSignal && each.aborted);
      return error instanceof AbortedError && aborted !== undefined ? aborted.reason : error;
    };
    const streamed = answered.then((packed) => {
      if (packed.is !== "stream") throw new TypeError("the other process gave no stream");
      return packed.id;
    });
    streamed.catch(() => undefined);
    const result = (async (): Promise<unknown> => {
      let streams = false;
      try {
        const packed = await answered;
        streams = packed.is === "stream";
        return unpack(packed, { take });
      } catch (error) {
        throw reason(error);
      } finally {
        if (!streams) letGo(scope);
      }
    })();
    // Nobody has to wait for what is only told.
    result.catch(() => undefined);
    const stream = remoteStream(streamed, () => letGo(scope), reason);
    return Object.assign(result, { [Symbol.asyncIterator]: () => stream[Symbol.asyncIterator]() });
  }

  async function* remoteStream(
    id: Promise<number>,
    onEnd: () => void = () => undefined,
    reason: (error: unknown) => unknown = (error) => error,
  ): AsyncGenerator {
    let over = false;
    try {
      const stream = await id;
      for (;;) {
        const packed = await step("next", stream);
        const result = unpack(packed, { take }) as IteratorResult<unknown>;
        over = result.done === true;
        if (over) return;
        yield result.value;
      }
    } catch (error) {
      over = true;
      throw reason(error);
    } finally {
      if (!over && !ended) await id.then(async (stream) => await step("return", stream)).catch(() => undefined);
      onEnd();
    }
  }

  async function step(type: "next" | "return", stream: number): Promise<Packed> {
    if (ended) throw new ConnectionLostError();
    const call = ++lastCall;
    const waits = Promise.withResolvers<Packed>();
    waiting.set(call, waits);
    send({ type, call, stream });
    return await waits.promise;
  }

  /** Works at a call of the other side. What the answer hands over lives as long as the line, but for streams that end. */
  async function answer({ call, path, args }: Extract<Message, { readonly type: "call" }>): Promise<void> {
    working++;
    const taken = args.map((each) => unpack(each, { take }));
    try {
      const target = typeof path === "number" ? given.get(path) : methodOf(shared, path);
      if (typeof target !== "function") throw new TypeError("there is no such method");
      const result: unknown = target(...taken);
      const value = isStream(result) ? result : await result;
      send({ type: "answer", call, value: pack(value, references(emptyScope())) });
    } catch (error) {
      send({ type: "failure", call, error: isAborted(args) ? { kind: "aborted" } : packError(error) });
    } finally {
      working--;
    }
  }

  /** Whether a signal of the other side that came with a call is aborted: then its reason is there. */
  function isAborted(args: readonly Packed[]): boolean {
    return args.some((each) => signalsIn(each).some((id) => signals.get(id)?.signal.aborted === true));
  }

  async function advance({ type, call, stream }: Extract<Message, { readonly type: "next" | "return" }>): Promise<void> {
    try {
      const source = given.get(stream) as AsyncIterable<unknown> | undefined;
      const iterator = streams.get(stream) ?? source?.[Symbol.asyncIterator]();
      if (iterator === undefined) throw new TypeError("there is no such stream");
      streams.set(stream, iterator);
      const result = type === "next" ? await iterator.next() : ((await iterator.return?.()) ?? { done: true, value: undefined });
      if (result.done === true) forget(stream);
      send({ type: "answer", call, value: pack({ done: result.done === true, value: result.value }, references(emptyScope())) });
    } catch (error) {
      forget(stream);
      send({ type: "failure", call, error: isStopped() ? { kind: "aborted" } : packError(error) });
    }
  }

  const isStopped = (): boolean => [...signals.values()].some(({ signal }) => signal.aborted);

  function forget(stream: number): void {
    streams.delete(stream);
    given.delete(stream);
  }

  return {
    call: ask,
    receive: (message) => {
      switch (message.type) {
        case "call":
          return void answer(message);
        case "next":
        case "return":
          return void advance(message);
        case "answer":
        case "failure": {
          const waits = waiting.get(message.call);
          waiting.delete(message.call);
          return message.type === "answer" ? waits?.resolve(message.value) : waits?.reject(unpackError(message.error));
        }
        case "abort": {
          const controller = signals.get(message.signal) ?? new AbortController();
          signals.set(message.signal, controller);
          return controller.abort(new AbortedError());
        }
        case "release":
          for (const id of message.signals) signals.delete(id);
      }
    },
    working: () => working,
    end: () => {
      ended = true;
      for (const { reject } of waiting.values()) reject(new ConnectionLostError());
      waiting.clear();
      for (const controller of signals.values()) controller.abort(new AbortedError());
      for (const iterator of streams.values()) void iterator.return?.()?.catch(() => undefined);
      given.clear();
      streams.clear();
      signals.clear();
    },
  };
}

function isStream(value: unknown): boolean {
  return typeof value === "object" && value !== null && Symbol.asyncIterator in value;
}

function signalsIn(packed: Packed): readonly number[] {
  if (packed.is === "signal") return [packed.id];
  if (packed.is === "list") return packed.items.flatMap(signalsIn);
  if (packed.is === "record") return packed.entries.flatMap(([, each]) => signalsIn(each));
  return [];
}

/** A method of a shared object, by own members alone: nothing that it inherits is shared. */
function methodOf(shared: object | null, path: readonly string[]): unknown {
  let found: unknown = shared;
  for (const name of path) {
    if (typeof found !== "object" || found === null || !Object.hasOwn(found, name)) return undefined;
    found = (found as Readonly<Record<string, unknown>>)[name];
  }
  return found;
}
