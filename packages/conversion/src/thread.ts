// What runs in the thread that takes mails apart: `@smimp/conversion/thread`.
import type { ConversionReply, ConversionRequest } from "./converter.ts";
import { NotMailError, parseMail } from "./parse-mail.ts";

/** Takes a mail apart in the thread that a converter has started; never rejects. */
export async function answerConversion({ bytes, options }: ConversionRequest): Promise<ConversionReply> {
  try {
    return { mail: await parseMail(bytes, options) };
  } catch (error) {
    return { reason: error instanceof NotMailError ? "not_mail" : "not_convertible" };
  }
}
