import type { CallTable } from "../call.ts";
import type { House } from "../house.ts";
import { chanceOf, lookAtInvite } from "./joining.ts";

/** Calls that come before a mailbox is open: joining, unlocking, restoring, linking. */
export function doorCalls(house: House) {
  return {
    "door.state": async () => house.state(),
    "door.begin": async () => await house.begin(),
    "door.invite": async (_context, link: string) => await lookAtInvite(house.fetch, link),
    "door.chance": async (_context, link: string, address: string) => await chanceOf(house.fetch, link, address),
    "door.join": async (context, invite: string, address: string, name: string) => await house.join(context, invite, address, name),
    "door.phrase": async (context) => await house.phraseAgain(context),
    "door.confirmPhrase": async () => await house.confirmPhrase(),
    "door.setPassphrase": async (_context, passphrase: string, old: string | null) => await house.setPassphrase(passphrase, old),
    "door.unlock": async (_context, passphrase: string) => await house.unlock(passphrase),
    "door.lock": async () => await house.lock(),
    "door.takeOver": async () => await house.takeOver(),
    "door.restore": async (context, address: string, phrase: string, passphrase: string, how: { rotate?: boolean; takeBack?: boolean }) =>
      await house.restore(context, address, phrase, passphrase, how),
    "door.beginLinking": async (_context, address: string) => await house.beginLinking(address),
    "door.finishLinking": async (context, passphrase: string) => await house.finishLinking(context, passphrase),
    "door.cancelLinking": async () => await house.cancelLinking(),
    "door.lockAfter": async () => await house.lockAfter(),
    "door.setLockAfter": async (_context, minutes: number) => await house.setLockAfter(minutes),
    "door.touch": async () => await house.touch(),
    "door.forget": async () => await house.forget(),
  } satisfies CallTable;
}
