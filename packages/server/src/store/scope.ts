import { SmimpError } from "@smimp/protocol";
import type { KyselyPlugin, PluginTransformQueryArgs, PluginTransformResultArgs } from "kysely";

/** Ends with the function that was handed a reader or writer: whatever runs on queries no more, for it would run in somebody else's transaction. */
export class Scope implements KyselyPlugin {
  readonly #seconds: number;
  #open = true;

  /** `seconds`: how long the function may take. */
  constructor(seconds: number) {
    this.#seconds = seconds;
  }

  transformQuery(args: PluginTransformQueryArgs): PluginTransformQueryArgs["node"] {
    if (!this.#open) throw new TypeError("this reader or writer is over: a function handed to the store awaits only its methods");
    return args.node;
  }

  transformResult(args: PluginTransformResultArgs): Promise<PluginTransformResultArgs["result"]> {
    return Promise.resolve(args.result);
  }

  /** Runs a function that may use this scope, and closes it. Rejects with `temporarily_unavailable` if it doesn't settle in time. */
  async run<T>(fn: () => Promise<T>): Promise<T> {
    const { promise: late, reject } = Promise.withResolvers<never>();
    const timer = setTimeout(
      () => reject(new SmimpError("temporarily_unavailable", "a transaction did not end in time")),
      this.#seconds * 1000,
    );
    try {
      return await Promise.race([fn(), late]);
    } finally {
      clearTimeout(timer);
      this.#open = false;
    }
  }
}
