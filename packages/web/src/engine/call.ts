import type { Progress } from "@smimp/client";

/** How far a call is: a client's progress, or the engine's own. */
export interface CallProgress extends Omit<Progress, "step"> {
  readonly step: Progress["step"] | "attach" | "index" | "export" | "gather" | "import";
}

/** What a call is given beside its arguments. */
export interface CallContext {
  /** Aborted when whoever called waits no more. */
  readonly signal: AbortSignal;
  /** Tells whoever called how far it is. */
  readonly onProgress: (progress: CallProgress) => void;
}

/** A call that the engine takes: its arguments and its result can be cloned. */
export type EngineCall = (context: CallContext, ...args: never[]) => Promise<unknown>;

/** The calls that a table has, by name. */
export type CallTable = Readonly<Record<string, EngineCall>>;

/** Arguments of a call. */
export type ArgsOf<Call extends EngineCall> = Call extends (context: CallContext, ...args: infer Args) => Promise<unknown> ? Args : never;

/** What a call gives. */
export type ResultOf<Call extends EngineCall> = Awaited<ReturnType<Call>>;
