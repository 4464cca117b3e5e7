import {
  isSmimpError,
  linkOf,
  profileHash,
  recordAt,
  signRecord,
  SmimpError,
  type BaseUrl,
  type Chain,
  type Clock,
  type RecordStatement,
  type SigningKey,
} from "@smimp/protocol";
import type { Api } from "../api.ts";
import type { People } from "../people.ts";
import type { Self } from "../self.ts";
import type { OwnKeys } from "./own-keys.ts";

/** Times that a record is made anew because another device's came first. */
const MAX_TRIES = 5;

/** What a record that leaves the keys alone changes; what is left out stays. */
export interface RecordChange {
  readonly servers?: readonly BaseUrl[];
  /** The profile's text; null deletes it, and the avatar with it. */
  readonly profile?: string | null;
}

/** Appends records to the own history that leave the keys alone (protocol section 3). */
export interface OwnRecords {
  /**
   * Appends what `change` makes of the history and profile as they are; undefined: nothing is to be changed. Where another device's
   * record comes first, it is asked again. Throws what update_profile answers, `rate_limited` above all, and a transport's errors.
   */
  append(change: (now: { readonly chain: Chain; readonly profile: string | null }) => RecordChange | undefined): Promise<void>;
}

/** What appending works with. */
export interface OwnRecordsParts {
  readonly api: Api;
  readonly people: People;
  readonly self: Self;
  readonly own: OwnKeys;
  readonly clock: Clock;
}

/** On the owner's server. */
export function createOwnRecords({ api, people, self, own, clock }: OwnRecordsParts): OwnRecords {
  async function post(record: RecordStatement, profile: string | null): Promise<"done" | "again"> {
    try {
      await api.call(self.baseUrl, "updateProfile", { body: { record, profile } });
      await people.resolve(self.address);
      return "done";
    } catch (error) {
      if (!isSmimpError(error, "conflict")) throw error;
    }
    // Another device was faster, or an earlier answer was lost.
    const { chain } = await people.resolve(self.address);
    return recordAt(chain, linkOf(record)) === undefined ? "again" : "done";
  }

  return {
    append: async (change) => {
      for (let tries = 0; tries < MAX_TRIES; tries++) {
        const { chain, profile } = await people.resolve(self.address);
        const { master } = await own.current();
        const wanted = change({ chain, profile });
        if (wanted === undefined) return;
        const text = wanted.profile === undefined ? profile : wanted.profile;
        const record = recordOf(chain, master, clock(), { ...wanted, profile: text });
        if ((await post(record, text)) === "done") return;
      }
      throw new SmimpError("conflict", "other devices keep changing your history");
    },
  };
}

function recordOf({ address, head }: Chain, master: SigningKey, now: ReturnType<Clock>, change: RecordChange): RecordStatement {
  const { document } = head;
  const { servers = document.servers, profile = null } = change;
  return signRecord({
    address,
    previous: head,
    servers,
    profileHash: profile === null ? null : profileHash(profile),
    // Time must not go back in a chain, whatever this device's clock says.
    changedAt: now > document.changed_at ? now : document.changed_at,
    master: document.public_key,
    recovery: document.recovery_key,
    signer: master,
  });
}
