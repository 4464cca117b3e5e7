import { checkDeletion, claimedDeletion, SmimpError, type Statement } from "@smimp/protocol";
import type { Services } from "../services.ts";
import { takeAway } from "../store/departures.ts";

/**
 * Deletes an account for the holder of its recovery key (protocol section 8). From one durable moment on nobody finds it, its sessions
 * and event streams are ended; resolves once all that it owned is gone too, which goes on after a crash. The chain and a tombstone
 * stay. Throws `unknown_user`, `unauthenticated` (disabled, or signed at another time), `bad_signature`, `bad_request`, `wrong_server`,
 * `conflict` where `link` is not the head.
 */
export async function deleteAccount(
  { store, clock, settings, bus }: Pick<Services, "store" | "clock" | "settings" | "bus">,
  statement: Statement,
): Promise<void> {
  // Read to find the account; nothing of it counts before the signature holds (protocol section 1).
  const address = claimedDeletion(statement);
  const account = await store.read((reader) => reader.accounts.find(address));
  if (account === null) throw new SmimpError("unknown_user", "there is no such account");
  if (account.disabledAt !== null) throw new SmimpError("unauthenticated", "this account is not in service");
  const { link, recoveryKey } = account.head;
  checkDeletion({ statement, address, server: settings.baseUrl, link, now: clock(), recoveryKey });
  await store.transact(async (writer) => {
    const current = await writer.accounts.find(address);
    if (current === null) throw new SmimpError("unknown_user", "there is no such account");
    if (current.head.link !== link) throw new SmimpError("conflict", "the history has moved on since this deletion was signed");
    await writer.accounts.remove(address, clock());
  });
  bus.endAccount(address);
  await takeAway(store, address);
}
