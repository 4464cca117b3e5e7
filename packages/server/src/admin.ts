import {
  addSeconds,
  DAY,
  domainOf,
  parseAddress,
  parseDomain,
  randomBytes,
  SmimpError,
  toBase32,
  type Address,
  type BaseUrl,
  type Clock,
  type Domain,
  type Hex32,
  type RandomBytes,
  type Timestamp,
} from "@smimp/protocol";
import { hashInviteCode } from "./accept/admission.ts";
import { allowedBytes } from "./accept/quota.ts";
import { checkConfig, type ServerConfig, type Settings } from "./config.ts";
import { systemClock } from "./server.ts";
import { openStore } from "./store/sqlite.ts";
import type { Account } from "./store/accounts.ts";
import type { RemoteHistory } from "./store/remote-pins.ts";
import type { RestoreReport } from "./store/restoring.ts";
import { lockAlone } from "./store/serving-lock.ts";
import type { Store } from "./store/store.ts";

/** Bytes of an invite's code: 160 random bits, 32 base32 characters (protocol section 8). */
const CODE_BYTES = 20;
/** Days that an invite is valid, unless said otherwise, and at the most. */
const INVITE_DAYS = 7;
const MAX_INVITE_DAYS = 365;
/** Accounts read at once. */
const PAGE = 500;

/** An invite, shown once: the server keeps only its hash. */
export interface NewInvite {
  /** The one-time code. */
  readonly code: string;
  /** What to hand over: the code stands behind the `#`, which browsers don't send. */
  readonly link: string;
  readonly expiresAt: Timestamp;
}

/** An account as the operator sees it. */
export interface AccountOverview {
  readonly address: Address;
  readonly createdAt: Timestamp;
  readonly disabledAt: Timestamp | null;
  /** Records of the chain, its last one's number. */
  readonly sequence: number;
  /** Bytes of messages and blobs. */
  readonly usedBytes: number;
  /** Bytes that the account may use; -1: no limit. */
  readonly allowedBytes: number;
  /** Whether that was set for this account alone. */
  readonly ownQuota: boolean;
}

/** A history of another server's address, as it is pinned here (protocol section 3). */
export interface PinOverview {
  readonly address: Address;
  readonly baseUrl: BaseUrl;
  readonly sequence: number;
  readonly link: Hex32;
  readonly lastUsedAt: Timestamp;
}

/** What was made void after a backup was put back. */
export interface Restored extends RestoreReport {
  /** Single-use message keys: somebody may have been given them since the backup was made. */
  readonly messageKeys: number;
  /** What is wrong with the copy itself, one line each; a blob that is missing can't be fetched any more. */
  readonly faults: readonly string[];
}

/** What an operator does, beside a running server or without one. */
export interface Admin {
  /** Makes a one-time code, for one address or any free one. Throws `bad_address`, `wrong_server`, `already_initialized`, TypeError for days out of range. */
  invite(options?: { readonly address?: string; readonly days?: number }): Promise<NewInvite>;
  /** All accounts in the order of their addresses. */
  listAccounts(): Promise<readonly AccountOverview[]>;
  /** Takes an account out of service and ends its sessions; nothing of it is deleted. Throws `bad_address`, `unknown_user`. */
  disableAccount(address: string): Promise<void>;
  /** Puts it back into service. Throws `bad_address`, `unknown_user`. */
  enableAccount(address: string): Promise<void>;
  /** Sets the bytes that one account may use; -1: no limit, null: as many as any. Throws `bad_address`, `unknown_user`, TypeError for other numbers. */
  setQuota(address: string, bytes: number | null): Promise<void>;
  /** Pinned histories of other servers' addresses, in the order of their addresses; those of one domain where one is named. Throws `bad_address`. */
  listPins(options?: { readonly domain?: string }): AsyncIterable<PinOverview>;
  /** Forgets a pin: the next history that its server shows is believed, whatever it is. False: there was none. Throws `bad_address`. */
  clearPin(address: string): Promise<boolean>;
  /** Looks for what is wrong with database and blobs, one line each; beside a running server too. */
  check(): Promise<readonly string[]>;
  /**
   * After a backup was put back, before the server starts: makes void what this older copy can't answer for (protocol section 4). Throws
   * `DataInUseError` beside a running server.
   */
  restored(): Promise<Restored>;
  close(): Promise<void>;
}

/** Opens a server's store for its operator. Throws `ConfigError`. */
export async function openAdmin(
  config: ServerConfig,
  dependencies: { readonly clock?: Clock; readonly random?: RandomBytes } = {},
): Promise<Admin> {
  const settings = checkConfig(config);
  const { clock = systemClock, random = randomBytes } = dependencies;
  const store = await openStore({ dataDir: settings.dataDir });
  const setDisabled = async (text: string, at: Timestamp | null): Promise<void> => {
    const address = parseAddress(text);
    await store.transact(async (writer) => {
      if (!(await writer.accounts.setDisabled(address, at))) throw new SmimpError("unknown_user", "there is no such account");
      if (at !== null) await writer.sessions.endAll(address);
    });
  };
  return {
    async invite({ address: text, days = INVITE_DAYS } = {}) {
      if (!Number.isSafeInteger(days) || days < 1 || days > MAX_INVITE_DAYS)
        throw new TypeError(`days must be from 1 to ${MAX_INVITE_DAYS}`);
      const address = text === undefined ? null : parseAddress(text);
      if (address !== null && !settings.domains.includes(domainOf(address))) {
        throw new SmimpError("wrong_server", `this server has no domain ${domainOf(address)}`);
      }
      const code = toBase32(random(CODE_BYTES));
      const createdAt = clock();
      const expiresAt = addSeconds(createdAt, days * DAY);
      await store.transact(async (writer) => {
        if (address !== null && (await writer.accounts.isTaken(address))) {
          throw new SmimpError("already_initialized", "this address has or had an account");
        }
        await writer.invites.create({ codeHash: hashInviteCode(code), address, createdAt, expiresAt });
      });
      return { code, link: `${settings.baseUrl}join#${code}`, expiresAt };
    },
    listAccounts: () => listAll(store, settings),
    disableAccount: (address) => setDisabled(address, clock()),
    enableAccount: (address) => setDisabled(address, null),
    async setQuota(text, bytes) {
      if (bytes !== null && (!Number.isSafeInteger(bytes) || bytes < -1)) throw new TypeError("bytes must be an integer from -1, or null");
      const address = parseAddress(text);
      if (await store.transact((writer) => writer.accounts.setQuota(address, bytes))) return;
      throw new SmimpError("unknown_user", "there is no such account");
    },
    listPins: ({ domain } = {}) => pinsOf(store, domain === undefined ? undefined : parseDomain(domain)),
    clearPin: (text) => {
      const address = parseAddress(text);
      return store.transact((writer) => writer.remotePins.clear(address));
    },
    check: () => store.checkIntegrity(),
    restored: async () => {
      const unlock = await lockAlone(settings.dataDir);
      try {
        return await afterRestoring(store);
      } finally {
        unlock();
      }
    },
    close: () => store.close(),
  };
}

async function listAll(store: Store, settings: Settings): Promise<readonly AccountOverview[]> {
  const all: AccountOverview[] = [];
  for (;;) {
    const last = all.at(-1)?.address;
    const page = await store.read((reader) => reader.accounts.list({ ...(last === undefined ? {} : { after: last }), limit: PAGE }));
    all.push(...page.map((account) => toOverview(account, settings)));
    if (page.length < PAGE) return all;
  }
}

function toOverview(account: Account, settings: Settings): AccountOverview {
  const { address, createdAt, disabledAt, head, usedBytes, quotaBytes } = account;
  const allowed = allowedBytes(settings, account);
  return { address, createdAt, disabledAt, sequence: head.sequence, usedBytes, allowedBytes: allowed, ownQuota: quotaBytes !== null };
}

async function* pinsOf(store: Store, domain: Domain | undefined): AsyncGenerator<PinOverview> {
  let after: Address | undefined;
  for (;;) {
    const last: Address | undefined = after;
    const page: readonly RemoteHistory[] = await store.read((reader) => reader.remotePins.list({ after: last, domain, limit: PAGE }));
    for (const { address, baseUrl, pin, lastUsedAt } of page) {
      yield { address, baseUrl, sequence: pin.sequence, link: pin.link, lastUsedAt };
    }
    after = page.at(-1)?.address;
    if (page.length < PAGE) return;
  }
}

async function afterRestoring(store: Store): Promise<Restored> {
  const report = await store.transact(async (writer) => {
    // What a crash before the backup left half-imported goes as well.
    await writer.departures.abandonArrivals();
    const messageKeys = await writer.messageKeys.voidAllHeld();
    return { messageKeys, ...(await writer.restoring.voidRest()) };
  });
  return { ...report, faults: await store.checkIntegrity() };
}
