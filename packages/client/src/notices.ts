import { toHex, type Address, type Clock, type Hex32, type RandomBytes } from "@smimp/protocol";
import type { Notices } from "./rooms/notices.ts";
import type { Notice, NoticeCode } from "./model.ts";
import { documents } from "./storage/documents.ts";
import type { Storage, StorageReader, StorageWriter } from "./storage/storage.ts";

const stored = documents<Notice>("notices");

/** What a notice is about. */
export interface NewNotice {
  readonly code: NoticeCode;
  readonly detail: string;
  readonly address?: Address;
  readonly messageId?: Hex32;
}

/** That the own account is there no more. */
export function accountDeleted(address: Address): NewNotice {
  return { code: "account_deleted", detail: `your server has no account ${address} any more: it was deleted`, address };
}

/** Notices, and the way to leave one. */
export interface NoticeBoard extends Notices {
  /** Stores a notice as part of a transaction. */
  post(writer: StorageWriter, notice: NewNotice): Notice;
  /** Stores a notice, unless one with its code stands there. */
  postOnce(notice: NewNotice): Promise<void>;
  /** Takes away what was said with a code: it is not so any more. */
  withdraw(code: NoticeCode): Promise<void>;
}

/** Notices on a storage; they stay until they are dismissed. */
export function createNotices(storage: Storage, clock: Clock, random: RandomBytes): NoticeBoard {
  const list = async (reader: StorageReader = storage): Promise<readonly Notice[]> =>
    (await stored.list(reader)).map(({ document }) => document);

  function post(writer: StorageWriter, { code, detail, address, messageId }: NewNotice): Notice {
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
  }

  return {
    list: async () => await list(),
    dismiss: async (id) => await storage.transact(async (writer) => stored.delete(writer, id)),
    post,
    postOnce: async (notice) =>
      await storage.transact(async (writer) => {
        if (!(await list(writer)).some(({ code }) => code === notice.code)) post(writer, notice);
      }),
    withdraw: async (code) => {
      const said = (await list()).filter((each) => each.code === code);
      if (said.length === 0) return;
      await storage.transact(async (writer) => {
        for (const { id } of said) await Promise.resolve(stored.delete(writer, id));
      });
    },
  };
}
