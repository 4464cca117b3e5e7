import { SmimpError, type Address, type Hex32, type PublicKey, type RecordStatement } from "@smimp/protocol";
import type { Services } from "../services.ts";
import type { Head } from "./records.ts";

/** What anybody may know of an address (protocol section 3). */
export interface PublicHistory {
  readonly records: readonly RecordStatement[];
  readonly profile: string | null;
  readonly link: Hex32;
}

/** The whole chain, also that of a deleted account. Throws `unknown_user`. */
export async function readHistory(store: Services["store"], address: Address): Promise<PublicHistory> {
  return await store.read(async (reader) => {
    const records = await reader.accounts.records(address);
    const link = records.at(-1)?.link;
    if (link === undefined) throw unknownUser();
    const account = await reader.accounts.find(address);
    return { records: records.map((record) => record.statement), profile: account?.profile ?? null, link };
  });
}

/** The last record and the profile. Throws `unknown_user`. */
export async function readMostRecent(
  store: Services["store"],
  address: Address,
): Promise<{ readonly record: RecordStatement; readonly profile: string | null; readonly link: Hex32 }> {
  return await store.read(async (reader) => {
    const record = await reader.accounts.lastRecord(address);
    if (record === null) throw unknownUser();
    const account = await reader.accounts.find(address);
    return { record: record.statement, profile: account?.profile ?? null, link: record.link };
  });
}

/** The current master key and where it stands. Throws `unknown_user`. */
export async function readPublicKey(store: Services["store"], address: Address): Promise<Head & { readonly publicKey: PublicKey }> {
  const account = await store.read((reader) => reader.accounts.find(address));
  if (account === null) throw unknownUser();
  const { publicKey, sequence, link } = account.head;
  return { publicKey, sequence, link };
}

/** What is said of an address that has no account here. */
export function unknownUser(): SmimpError {
  return new SmimpError("unknown_user", "there is no such account");
}
