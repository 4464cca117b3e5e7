import { parentPort } from "node:worker_threads";
import type { ConversionOptions, ConvertedMail } from "./converted-mail.ts";
import { useMemoryBlobs } from "./memory-blob.ts";
import { NotMailError, parseMail } from "./parse-mail.ts";

// The thread that takes mails apart: what somebody made to exhaust it, it exhausts alone.

/** One mail on its way in. */
export interface ConversionRequest {
  readonly bytes: Uint8Array;
  readonly options: ConversionOptions;
}

/** What became of it. */
export type ConversionReply = { readonly mail: ConvertedMail } | { readonly reason: "not_mail" | "not_convertible" };

useMemoryBlobs();

parentPort?.on("message", async ({ bytes, options }: ConversionRequest) => {
  let reply: ConversionReply;
  try {
    reply = { mail: await parseMail(bytes, options) };
  } catch (error) {
    reply = { reason: error instanceof NotMailError ? "not_mail" : "not_convertible" };
  }
  parentPort?.postMessage(reply);
});
