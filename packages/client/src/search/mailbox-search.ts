import type { Clock } from "@smimp/protocol";
import type { Folders } from "../rooms/folders.ts";
import type { EventHub } from "../events.ts";
import { getMessage, listMessageIds } from "../inbox/documents.ts";
import { readMessage } from "../inbox/reading.ts";
import { nameIn } from "../inbox/storing.ts";
import { getSummary } from "../inbox/summaries.ts";
import type { People } from "../people.ts";
import type { Storage } from "../storage/storage.ts";
import type { SearchEngine } from "./model.ts";
import { createSearch, type SearchRoom } from "./search.ts";

/** What search over the mailbox of this device works with. */
export interface MailboxSearchParts {
  readonly storage: Storage;
  readonly people: People;
  readonly folders: Pick<Folders, "list">;
  readonly events: EventHub;
  readonly clock: Clock;
  /** Where the platform has one. */
  readonly engine: SearchEngine | undefined;
}

/** Messages that are listed at once. */
const PAGE = 500;

/** Search over what stands in the inbox's lists, on this device alone. */
export function createMailboxSearch({ storage, people, folders, events, clock, engine }: MailboxSearchParts): SearchRoom {
  const search = createSearch({
    storage,
    engine: engine ?? null,
    clock,
    summaryOf: async (messageId) => {
      const message = await getMessage(storage, messageId);
      return message?.place !== "inbox" || message.listKey === null ? null : await getSummary(storage, message.listKey);
    },
    read: async (messageId) => await readMessage(storage, messageId),
    nameOf: async (address) => nameIn((await people.document(address))?.profile ?? null),
    allMessages: async function* () {
      for (let after: string | undefined; ;) {
        const page = await listMessageIds(storage, { limit: PAGE, ...(after === undefined ? {} : { after }) });
        yield page;
        after = page.at(-1);
        if (page.length < PAGE) return;
      }
    },
    folders: async () => await folders.list(),
  });
  events.listen(() => search.nudge());
  return search;
}
