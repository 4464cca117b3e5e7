import { toHex, type Address, type Clock, type Hex32, type RandomBytes } from "@smimp/protocol";
import type { Notices } from "./client.ts";
import type { Notice, NoticeCode } from "./model.ts";
import { documents } from "./storage/documents.ts";
import type { Storage, StorageWriter } from "./storage/storage.ts";

const stored = documents<Notice>("notices");

/** What a notice is about. */
export interface NewNotice {
  readonly code: NoticeCode;
  readonly detail: string;
  readonly address?: Address;
  readonly messageId?: Hex32;
}

/** Notices, and the way to leave one. */
export interface NoticeBoard extends Notices {
  /** Stores a notice as part of a transaction. */
  post(writer: StorageWriter, notice: NewNotice): Notice;
}

/** Notices on a storage; they stay until they are dismissed. */
export function createNotices(storage: Storage, clock: Clock, random: RandomBytes): NoticeBoard {
  return {
    list: async () => (await stored.list(storage)).map(({ document }) => document),
    dismiss: async (id) => await storage.transact(async (writer) => stored.delete(writer, id)),
    post: (writer, { code, detail, address, messageId }) => {
      const at = clock();
      const notice: Notice = {
        id: `${at}-${toHex(random(8))}`,
        at,
        code,
        address: address ?? null,
        messageId: messageId ?? null,
        detail,
      };
      stored.put(writer, notice.id, notice);
      return notice;
    },
  };
}
