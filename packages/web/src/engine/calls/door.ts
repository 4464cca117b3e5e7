import type { RestoreHow } from "../arrivals.ts";
import type { CallTable } from "../call.ts";
import type { House } from "../house.ts";
import type { Topic } from "../protocol.ts";
import { chanceOf, lookAtInvite } from "./joining.ts";

/** Calls that come before a mailbox is open: joining, unlocking, restoring, linking. */
export function doorCalls(house: House, changed: (...topics: Topic[]) => void) {
  return {
    "door.begin": async () => await house.begin(),
    /** The server of an invite, and what it offers. */
    "door.invite": async (_context, link: string) => await lookAtInvite(house.fetch, link),
    /** Whether an address can be had there. */
    "door.chance": async (_context, link: string, address: string) => await chanceOf(house.fetch, link, address),
    "door.join": async (context, invite: string, address: string, name: string) => await house.join(context, invite, address, name),
    "door.phrase": async (context) => await house.phrase(context),
    "door.confirmPhrase": async (context) => await house.confirmPhrase(context),
    "door.setPassphrase": async (_context, passphrase: string, old: string | null) => await house.setPassphrase(passphrase, old),
    "door.suggestPassphrase": async () => (await import("../words.ts")).suggestPassphrase(),
    /** The words that recovery phrases are made of, in their order. */
    "door.wordList": async () => (await import("../words.ts")).wordList(),
    "door.unlock": async (_context, passphrase: string) => await house.unlock(passphrase),
    "door.lock": async () => await house.lock(),
    /** Everything that was written is kept: another tab may have the mailbox. */
    "door.left": async () => house.left(),
    "door.takeOver": async () => await house.takeOver(),
    "door.restore": async (_context, address: string, phrase: string, how: RestoreHow) => await house.restore(address, phrase, how),
    "door.beginLinking": async (_context, address: string) => await house.beginLinking(address),
    "door.finishLinking": async (context) => await house.finishLinking(context),
    "door.cancelLinking": async () => await house.cancelLinking(),
    "door.lockAfter": async () => await house.lockAfter(),
    "door.setLockAfter": async (_context, minutes: number | null) => {
      await house.setLockAfter(minutes);
      changed("settings");
    },
    "door.touch": async () => await house.touch(),
    "door.forget": async () => await house.forget(),
  } satisfies CallTable;
}
