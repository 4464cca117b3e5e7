import type { Self } from "../self.ts";
import type { Storage } from "../storage/storage.ts";
import type { OpenMessage, Placed, Reading } from "../inbox/arrival.ts";
import { putApplicationLine, type ApplicationLine } from "./documents.ts";

/** What becomes of an application's message (protocol section 9): its bytes are free, so nothing of them is looked at. */
export function readForApplication(storage: Storage, { address: me }: Self, message: OpenMessage): Reading {
  const { document, messageId, marks } = message;
  const line: ApplicationLine = {
    messageId,
    from: document.from,
    messageType: document.message_type,
    receivedAt: message.message.received_at,
    position: message.message.position,
    own: document.from === me,
    marks,
  };
  // What is given out outlives the taking in, which wipes its own.
  const bytes = message.plaintext.slice();
  return {
    // Such messages have no ref that all types could share: each that was accepted is given out.
    ref: null,
    put: async (writer): Promise<Placed> => {
      const listKey = await Promise.resolve(putApplicationLine(storage, writer, line));
      const event = { type: "custom", message: { ...line, bytes } } as const;
      return { place: "custom", listKey, summary: null, sealed: { subject: "", text: "" }, event };
    },
  };
}
