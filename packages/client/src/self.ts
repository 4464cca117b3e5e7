import { fromB64, signingKey, type Address, type BaseUrl, type BodyInputOf, type PublicKey, type SigningKey } from "@smimp/protocol";
import { documents } from "./storage/documents.ts";
import type { StorageReader, StorageWriter } from "./storage/storage.ts";

/** An account that is being opened. */
export interface Opening {
  /** What `initialize_account` was or is to be asked. */
  readonly request: BodyInputOf<"initializeAccount">;
  /** The 24 words, kept only until the account is open, so that an interrupted opening can go on. */
  readonly phrase: string;
}

/** The account that a storage holds. There is exactly one. */
export interface AccountDocument {
  readonly address: Address;
  readonly baseUrl: BaseUrl;
  /** `b64` of 32 bytes. */
  readonly master_seed: string;
  readonly recovery_key: PublicKey;
  /** The phrase's public X-Wing key, `b64`: each keystore version's key is sealed to it. */
  readonly phrase_key: string;
  /** What is under way until the server has answered; null from then on. */
  readonly opening: Opening | null;
  /** True while a recovery was not finished: whoever has the phrase goes on with it. */
  readonly recovering?: boolean;
}

const accounts = documents<AccountDocument>("account");
const ONLY = "self";

/**
 * The owner, as this device knows them now: what is read here may be another a moment later, because a change of keys or a move
 * takes effect while the client runs. Whoever signs reads `master` right then (protocol section 3).
 */
export interface Self {
  readonly address: Address;
  readonly baseUrl: BaseUrl;
  readonly master: SigningKey;
  /** 1,216 bytes. */
  readonly phraseKey: Uint8Array;
}

/** The owner, and the way to say that they changed. */
export interface LiveSelf extends Self {
  /** To be called once the account is stored: what `Self` shows from then on. Throws TypeError for another address. */
  change(account: AccountDocument): void;
}

/** The account of this storage, or null while there is none. */
export async function readAccount(reader: StorageReader): Promise<AccountDocument | null> {
  return await accounts.get(reader, ONLY);
}

/** Stores the account, as part of a transaction. */
export function writeAccount(writer: StorageWriter, account: AccountDocument): void {
  accounts.put(writer, ONLY, account);
}

/** Whether an account can be used: neither its opening nor a recovery is under way. */
export function isReady({ opening, recovering }: AccountDocument): boolean {
  return opening === null && recovering !== true;
}

/** What the parts of a client know of its owner. */
export function selfOf(account: AccountDocument): LiveSelf {
  const { address } = account;
  let now = read(account);
  return {
    address,
    get baseUrl() {
      return now.baseUrl;
    },
    get master() {
      return now.master;
    },
    get phraseKey() {
      return now.phraseKey;
    },
    change: (changed) => {
      if (changed.address !== address) throw new TypeError("this is another account");
      now = read(changed);
    },
  };
}

function read({ baseUrl, master_seed, phrase_key }: AccountDocument): Pick<Self, "baseUrl" | "master" | "phraseKey"> {
  return { baseUrl, master: signingKey(fromB64(master_seed)), phraseKey: fromB64(phrase_key) };
}
