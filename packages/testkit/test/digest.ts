import type { Client } from "@smimp/client";
import { concat, hash, isSmimpError, utf8, verifyStatement, type PublicKey, type Statement, type StatementType } from "@smimp/protocol";

/** What an Ed25519 signature of that type is made over (protocol section 1). */
export function digestOf(type: StatementType, data: string): Uint8Array {
  return hash(concat(utf8(`smimp/1.0 ${type}`), 0, utf8(data)));
}

/** The owner's key, from their own history. */
export async function publicKeyOf(client: Client): Promise<PublicKey> {
  return (await client.contacts.resolve(client.address)).chain.head.document.public_key;
}

/** Whether a signature counts for that purpose. */
export function verifies(type: StatementType, key: PublicKey, statement: Statement): boolean {
  try {
    verifyStatement(type, key, statement);
    return true;
  } catch (error) {
    if (!isSmimpError(error, "bad_signature")) throw error;
    return false;
  }
}
