import type { Reading, OpenMessage } from "./arrival.ts";
import { placeOf } from "./content.ts";
import { readForInbox } from "./inbox-reading.ts";
import type { TakeInParts } from "./take-in.ts";

/** What a message becomes, by its type (protocol section 9). Throws what is wrong with its content. */
export async function readMessageOf({ storage, self }: TakeInParts, message: OpenMessage): Promise<Reading> {
  const place = placeOf(message.document.message_type);
  switch (place) {
    case "inbox":
      return await readForInbox(storage, self, message);
    default:
      return {
        ref: null,
        put: async () => ({ place: "none", listKey: null, summary: null, sealed: { subject: "", text: "" }, event: null }),
      };
  }
}
