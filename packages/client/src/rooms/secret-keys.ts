import type { Address, Hex32 } from "@smimp/protocol";
import type { OutboxEntry, PendingSecretKey, SecretKey, SendOptions } from "../model.ts";

/** Keys that people hand over to each other. Nothing is imported that wasn't accepted. */
export interface SecretKeys {
  /** Keys that came in and wait for a word. */
  pending(): Promise<readonly PendingSecretKey[]>;
  /** Imports a key, on all devices of the owner. Throws `not_found` where none waits. */
  accept(messageId: Hex32): Promise<SecretKey>;
  /** Deletes it unseen. Throws `not_found` where none waits. */
  decline(messageId: Hex32): Promise<void>;
  /** Keys that were accepted. */
  list(): Promise<readonly SecretKey[]>;
  /** Destroys an accepted key and deletes its message. */
  remove(messageId: Hex32): Promise<void>;
  send(
    to: Address,
    key: {
      readonly kind: SecretKey["kind"];
      readonly name: string;
      readonly algorithm: string;
      /** 1 to 8,192 bytes. */
      readonly key: Uint8Array;
      readonly note?: string;
    },
    options?: SendOptions,
  ): Promise<OutboxEntry>;
}
