import { fetchHistory } from "@smimp/identity";
import {
  checkChain,
  isSmimpError,
  MAX_RECORD_BYTES,
  MAX_RECORDS,
  recoverySigningKey,
  signDeletion,
  SmimpError,
  wipe,
  type BaseUrl,
  type SigningKey,
} from "@smimp/protocol";
import type { AccountRoom } from "../rooms/account.ts";
import { accountDeleted } from "../notices.ts";
import { startExport } from "./export.ts";
import { createMoving, type Moving, type MovingParts } from "./moving.ts";

/** Times that a deletion is signed anew because the history went on. */
const MAX_TRIES = 3;
/** Bytes of the longest history with its profile, signatures included. */
const MAX_HISTORY_BYTES = MAX_RECORDS * (MAX_RECORD_BYTES + 1_024);

/** The account as a whole, and what a sync does for it. */
export interface AccountParts {
  readonly account: AccountRoom;
  readonly moving: Pick<Moving, "goOn">;
}

/** Moving, exporting and deleting the account (protocol sections 3 and 8). */
export function createAccountRoom(parts: MovingParts): AccountParts {
  const { fetch, api, sessions, self, clock } = parts;
  const moving = createMoving(parts);

  async function remove(server: BaseUrl, recovery: SigningKey): Promise<void> {
    for (let tries = 1; ; tries++) {
      const { records } = await fetchHistory(fetch, server, self.address, MAX_HISTORY_BYTES);
      const { head } = checkChain(self.address, records);
      if (head.document.recovery_key !== recovery.publicKey)
        throw new SmimpError("unauthenticated", "these are not the words of this account");
      const body = signDeletion({ address: self.address, server, link: head.link, issuedAt: clock(), recovery });
      try {
        await api.call(server, "deleteAccount", { body });
        return;
      } catch (error) {
        // Gone already: an earlier answer was lost.
        if (isSmimpError(error, "unknown_user")) return;
        if (!isSmimpError(error, "conflict") || tries >= MAX_TRIES) throw error;
      }
    }
  }

  return {
    moving,
    account: {
      quota: async () => {
        const { baseUrl } = self;
        const { used, total } = await sessions.with(baseUrl, async (token) => await api.call(baseUrl, "getQuota", { token }));
        return { used, total: total < 0 ? null : total };
      },
      export: async function* (options = {}) {
        yield* (await startExport(parts, self.baseUrl, options)).lines();
      },
      remove: async ({ phrase, server = self.baseUrl }) => {
        const { secretOf } = await import("../phrase-words.ts");
        const secret = secretOf(phrase);
        const recovery = recoverySigningKey(secret, self.address);
        wipe(secret);
        try {
          await remove(server, recovery);
        } finally {
          wipe(recovery.secretKey);
        }
        if (server === self.baseUrl) await parts.notices.postOnce(accountDeleted(self.address));
      },
      move: moving.move,
      moveStatus: moving.status,
      cancelMove: moving.cancel,
    },
  };
}
