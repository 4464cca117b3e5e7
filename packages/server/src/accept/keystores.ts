import { HOUR, SmimpError, type Address } from "@smimp/protocol";
import type { Services } from "../services.ts";
import type { Keystore, KeystoreCondition } from "../store/keystores.ts";

/** Bytes that hold a keystore's version in clear, big-endian (protocol section 8). */
const VERSION_BYTES = 8;

/** The version in clear at the start of a sealed keystore (protocol section 8). Throws `bad_request`. */
export function keystoreVersion(keystore: Uint8Array): number {
  if (keystore.length <= VERSION_BYTES) throw new SmimpError("bad_request", "this is no sealed keystore");
  const version = new DataView(keystore.buffer, keystore.byteOffset, VERSION_BYTES).getBigUint64(0);
  if (version > BigInt(Number.MAX_SAFE_INTEGER)) throw new SmimpError("bad_request", "the keystore's version is too high");
  return Number(version);
}

/** The newest keystore, or the one of a version among the last ten. Throws `not_found`, with the versions that are there. */
export async function readKeystore(store: Services["store"], owner: Address, version?: number): Promise<Keystore> {
  return await store.read(async (reader) => {
    const keystore = await reader.keystores.find(owner, version);
    if (keystore !== null) return keystore;
    // Whoever recovers must find what was there before somebody wrote a number of their own into the newest one.
    const members = version === undefined ? {} : { versions: await reader.keystores.versions(owner) };
    throw new SmimpError("not_found", "there is no such keystore", { members });
  });
}

/**
 * Stores the next version under its condition, and erases all but the newest `keep` in the same transaction (protocol section 8). Resolves
 * with its ETag. Throws `precondition_failed`, `bad_request`, `rate_limited`.
 */
export async function writeKeystore(
  { store, clock, rates, settings }: Pick<Services, "store" | "clock" | "rates" | "settings">,
  owner: Address,
  bytes: Uint8Array,
  condition: KeystoreCondition,
  keep?: number,
): Promise<string> {
  const version = keystoreVersion(bytes);
  // Each version is written whole, to a place outside of the account's quota.
  rates.admit("keystore bytes", owner, settings.quotas.keystoreBytesPerHour, HOUR, clock(), bytes.length);
  return await store.transact((writer) => writer.keystores.put(owner, { version, bytes, storedAt: clock() }, condition, keep));
}
