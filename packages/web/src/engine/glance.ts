import type { Glance } from "./protocol.ts";
import { LOCK } from "./tabs.ts";
import { mayOpenItself, readVault } from "./vault-document.ts";

/** What can be told of the mailbox without opening it; null where that takes the engine. */
export async function lookAtVault(now: number): Promise<Glance | null> {
  const vault = await readVault();
  if (vault === null) return { kind: "empty" };
  const { held = [] } = await navigator.locks.query();
  // Another tab may have it open, and an account that is being made may stand anywhere.
  if (vault.passphrase === null || held.some(({ name }) => name === LOCK)) return null;
  const { address, device } = vault;
  return device !== null && mayOpenItself(vault, now) ? { kind: "opening" } : { kind: "locked", address };
}
