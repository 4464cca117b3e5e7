import { isSmimpError, type BaseUrl } from "@smimp/protocol";
import { putSyncState } from "../inbox/documents.ts";
import { sharedSetting } from "../keystore/shared-settings.ts";
import { keystoreStates, ONLY, readState } from "../keystore/state.ts";
import type { People } from "../people.ts";
import { readAccount, writeAccount, type LiveSelf } from "../self.ts";
import type { Storage } from "../storage/storage.ts";

/** The shared setting in which the device that moves an account tells the others where to (protocol section 3, Moving). */
export const HOME_SETTING = "home";

/** Where the account is: a device follows it to another server by itself. */
export interface Home {
  /**
   * Looks once an hour whether the domain names another server by now (at once with `force`, or where another device says so), and goes
   * over to it once the own history there holds what is pinned and names that server. True: it did.
   */
  check(options?: { readonly force?: boolean }): Promise<boolean>;
}

/** What it works with. */
export interface HomeParts {
  readonly storage: Storage;
  readonly people: People;
  readonly self: LiveSelf;
}

/** The own account's home. */
export function createHome({ storage, people, self }: HomeParts): Home {
  async function whereabouts(force: boolean): Promise<BaseUrl> {
    const told = await sharedSetting(storage, HOME_SETTING);
    const elsewhere = typeof told === "string" && told !== self.baseUrl;
    return (await (force || elsewhere ? people.resolve(self.address) : people.locate(self.address))).baseUrl;
  }

  return {
    check: async ({ force = false } = {}) => {
      let there: BaseUrl;
      try {
        there = await whereabouts(force);
      } catch (error) {
        // The domain names a server that doesn't know the account yet, or nobody can be asked now: it stays where it was.
        if (!isSmimpError(error)) throw error;
        return false;
      }
      if (there === self.baseUrl) return false;
      await goOver(storage, self, there);
      return true;
    },
  };
}

/** From here on the other server is asked: its states and ETags are its own. */
async function goOver(storage: Storage, self: LiveSelf, to: BaseUrl): Promise<void> {
  const account = await storage.transact(async (writer) => {
    const before = await readAccount(writer);
    if (before === null) throw new TypeError("there is no account in this storage");
    const now = { ...before, baseUrl: to };
    writeAccount(writer, now);
    const { unreadable: _unreadable, ...state } = await readState(writer);
    // What was copied there is older than what is here, and no reason for an alarm.
    keystoreStates.put(writer, ONLY, { ...state, etag: null, pending: null, dirty: true, moved: true });
    putSyncState(writer, null);
    return now;
  });
  self.change(account);
}
