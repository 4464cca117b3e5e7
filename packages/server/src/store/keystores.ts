import type { Address, Timestamp } from "@smimp/protocol";

/** Versions of a keystore that are kept (protocol section 8). */
export const KEPT_KEYSTORES = 10;

/** One version of an account's sealed keystore; opaque but for the number in clear. */
export interface Keystore {
  /** The number that `?version=` asks for: what its maker wrote in clear in the first 8 bytes; the caller reads it. */
  readonly version: number;
  /** 64 hex digits, without quotation marks: H(bytes). */
  readonly etag: string;
  readonly bytes: Uint8Array;
  readonly storedAt: Timestamp;
}

/** What must hold of the newest keystore: its ETag, or that there is none (`If-None-Match: *`). */
export type KeystoreCondition = { readonly etag: string } | "none";

/** Questions about keystores. */
export interface KeystoresReader {
  /** The newest, or the newest of that version among the last ten. */
  find(owner: Address, version?: number): Promise<Keystore | null>;
}

/** Changes of keystores. */
export interface KeystoresWriter extends KeystoresReader {
  /** Stores the next one, drops what is older than the last ten, resolves with its ETag. Throws `precondition_failed`. */
  put(owner: Address, keystore: Pick<Keystore, "version" | "bytes" | "storedAt">, condition: KeystoreCondition): Promise<string>;
}
