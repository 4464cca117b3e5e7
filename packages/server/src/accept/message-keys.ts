import {
  checkMessageKey,
  DAY,
  MAX_HELD_KEYS,
  SmimpError,
  type Address,
  type Hex32,
  type MessageKeyKind,
  type PublicKey,
  type Statement,
  type Timestamp,
} from "@smimp/protocol";
import { setImmediate as nextTurn } from "node:timers/promises";
import type { Services } from "../services.ts";
import type { MessageKeyRow } from "../store/message-keys.ts";
import type { StoreReader, StoreWriter } from "../store/store.ts";

type Deps = Pick<Services, "store" | "clock" | "rates" | "settings">;

/** Keys that are verified before others get a turn: a few milliseconds. */
const KEYS_A_TURN = 8;

/** Whose keys are checked, and by what. */
export interface KeyOwner {
  readonly address: Address;
  /** The master key that must have signed them. */
  readonly publicKey: PublicKey;
}

/** Verifies message keys without holding others up (protocol section 4). Throws what `checkMessageKey` throws, `bad_request` for one that stands twice. */
export async function checkKeys(
  owner: KeyOwner,
  statements: readonly Statement[],
  kind: MessageKeyKind,
  now: Timestamp,
): Promise<readonly MessageKeyRow[]> {
  const rows = new Map<Hex32, MessageKeyRow>();
  for (const [index, statement] of statements.entries()) {
    if (index > 0 && index % KEYS_A_TURN === 0) await nextTurn();
    const { keyId, expiresAt } = checkMessageKey({ statement, ...owner, now, kind });
    if (rows.has(keyId)) throw new SmimpError("bad_request", "a message key stands twice");
    rows.set(keyId, { keyId, statement, expiresAt });
  }
  return [...rows.values()];
}

/** Verifies the one non-ephemeral key. Throws what `checkMessageKey` throws. */
export function checkNonEphemeral(owner: KeyOwner, statement: Statement, now: Timestamp): MessageKeyRow {
  const { keyId, expiresAt } = checkMessageKey({ statement, ...owner, now, kind: "non_ephemeral" });
  return { keyId, statement, expiresAt };
}

/**
 * Adds single-use keys, or replaces those that were not issued yet. Resolves with how many are held. Throws
 * `quota_exceeded` beyond 200 (protocol section 4), `rate_limited`, `conflict` where the master key changed meanwhile.
 */
export async function storeKeys(
  { store, clock, rates, settings }: Deps,
  owner: KeyOwner,
  statements: readonly Statement[],
  how: "add" | "replace",
): Promise<number> {
  const now = clock();
  rates.admit("keys", owner.address, settings.quotas.keysPerDay, DAY, now, statements.length);
  const rows = await checkKeys(owner, statements, "ephemeral", now);
  return await store.transact(async (writer) => {
    await assertCurrent(writer, owner);
    return await holdKeys(writer, owner.address, rows, how, now);
  });
}

/** Stores verified single-use keys inside a transaction. Throws `quota_exceeded`. */
export async function holdKeys(
  writer: StoreWriter,
  address: Address,
  rows: readonly MessageKeyRow[],
  how: "add" | "replace",
  now: Timestamp,
): Promise<number> {
  const { messageKeys } = writer;
  const held = how === "add" ? await messageKeys.add(address, rows, now) : await messageKeys.replaceHeld(address, rows, now);
  if (held > MAX_HELD_KEYS) throw new SmimpError("quota_exceeded", `a server holds ${MAX_HELD_KEYS} single-use keys at the most`);
  return held;
}

/** Replaces the non-ephemeral key (protocol section 4). Throws what `checkMessageKey` throws, `conflict` for a key used before. */
export async function storeNonEphemeral({ store, clock, rates, settings }: Deps, owner: KeyOwner, statement: Statement): Promise<void> {
  const now = clock();
  rates.admit("keys", owner.address, settings.quotas.keysPerDay, DAY, now);
  const row = checkNonEphemeral(owner, statement, now);
  await store.transact(async (writer) => {
    await assertCurrent(writer, owner);
    await writer.messageKeys.setNonEphemeral(owner.address, row);
  });
}

/** A new master key voids what the old one signed, also what was being uploaded just then (protocol section 3). */
async function assertCurrent(reader: StoreReader, owner: KeyOwner): Promise<void> {
  const account = await reader.accounts.find(owner.address);
  if (account?.head.publicKey !== owner.publicKey) throw new SmimpError("conflict", "the master key changed meanwhile");
}
