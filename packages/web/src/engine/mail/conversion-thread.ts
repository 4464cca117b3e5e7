// The thread that takes mails from elsewhere apart: what somebody made to exhaust it, it exhausts alone.
import type { ConversionReply, ConversionRequest } from "@smimp/conversion";
import { answerConversion } from "@smimp/conversion/thread";

/** What of a worker's global scope is used here. */
interface Scope {
  postMessage(reply: ConversionReply): void;
  addEventListener(type: "message", listener: (event: { readonly data: ConversionRequest }) => void): void;
}

const scope = globalThis as unknown as Scope;
scope.addEventListener("message", ({ data }) => {
  void answerConversion(data).then((reply) => scope.postMessage(reply));
});
