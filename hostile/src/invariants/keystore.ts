import {
  fromB64,
  isSmimpError,
  keyIdOf,
  openKeystore,
  parseKeystoreDocument,
  parsePhrase,
  phraseKeystoreKey,
  signingKey,
  xWingPublicKey,
  type Address,
  type KeystoreDocument,
} from "@smimp/protocol";
import { assure, Violation } from "../violation.ts";
import type { Facts, PhraseOwner } from "../facts.ts";
import { rowsOf } from "./database.ts";

/**
 * The newest keystore on the server opens with the phrase, holds the master key that the chain names, and the secret of every key
 * that the server may give out (protocol sections 4 and 8).
 */
export function assureKeystore(world: Facts, { address, phrases }: PhraseOwner): void {
  const node = world.nodeOf(address);
  const [stored] = rowsOf(node, "SELECT bytes FROM keystores WHERE address = ? ORDER BY position DESC LIMIT 1", address);
  assure(stored !== undefined, `${address}: there is no keystore on the server`);
  const document = opened(address, stored["bytes"] as Uint8Array, phrases);
  const [account] = rowsOf(node, "SELECT public_key FROM accounts WHERE address = ?", address);
  // While a change of keys is under way it holds the next master key as well, and the chain says which of them counts.
  const { master_seed: seed, next_master_seed: next = seed } = document;
  const masters = [seed, next].map((each) => signingKey(fromB64(each)).publicKey);
  assure(
    masters.some((each) => each === account?.["public_key"]),
    `${address}: the keystore's master key is not that of the chain`,
  );
  const secrets = new Set<unknown>(document.message_keys.map(({ seed }) => keyIdOf(xWingPublicKey(fromB64(seed)))));
  for (const row of rowsOf(
    node,
    "SELECT key_id FROM message_keys WHERE address = ? AND state = 'held' AND expires_at > ?",
    address,
    world.clock(),
  )) {
    assure(secrets.has(row["key_id"]), `${address}: the server gives out a key whose secret is not in the keystore`);
  }
}

function opened(address: Address, bytes: Uint8Array, phrases: readonly string[]): KeystoreDocument {
  for (const phrase of phrases) {
    try {
      const { seed } = phraseKeystoreKey(parsePhrase(phrase));
      return parseKeystoreDocument(openKeystore(address, bytes, { phraseSeed: seed }).text);
    } catch (error) {
      if (!isSmimpError(error)) throw error;
    }
  }
  throw new Violation(`${address}: the phrase does not open the keystore`);
}
