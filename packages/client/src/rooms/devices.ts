import type { Timestamp } from "@smimp/protocol";

/** One of the owner's devices. */
export interface Device {
  /** 32 hexadecimal digits. */
  readonly id: string;
  readonly name: string;
  readonly addedAt: Timestamp;
  readonly thisOne: boolean;
}

/** The devices that share the account (protocol section 8). */
export interface Devices {
  /** As this device knows them, by the time that they were added. */
  list(): Promise<readonly Device[]>;
  /**
   * Lets a new device in, whose link code its owner has typed or scanned here. Throws `bad_request` for a code that is none, `not_found`
   * for one that has expired, `commitment_mismatch` where the server shows the key of another device, `conflict` for one that was used.
   */
  link(linkCode: string): Promise<void>;
  /** Throws `not_found`; TypeError for a name that is empty or has more than 100 characters. */
  rename(id: string, name: string): Promise<void>;
  /**
   * Shuts a device out: master key, K, message keys and the month's archive key are replaced, and all other devices are handed them. What
   * it has seen it can keep; of what comes from now on it can read nothing. Throws `not_found`; TypeError for this device itself.
   */
  remove(id: string): Promise<void>;
}
