import {
  addSeconds,
  DAY,
  domainOf,
  parseAddress,
  randomBytes,
  SmimpError,
  toBase32,
  type Address,
  type Clock,
  type RandomBytes,
  type Timestamp,
} from "@smimp/protocol";
import { hashInviteCode } from "./accept/admission.ts";
import { checkConfig, type ServerConfig } from "./config.ts";
import { systemClock } from "./server.ts";
import { openStore } from "./store/sqlite.ts";
import type { Account } from "./store/accounts.ts";
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
    listAccounts: () => listAll(store),
    disableAccount: (address) => setDisabled(address, clock()),
    enableAccount: (address) => setDisabled(address, null),
    close: () => store.close(),
  };
}

async function listAll(store: Store): Promise<readonly AccountOverview[]> {
  const all: AccountOverview[] = [];
  for (;;) {
    const last = all.at(-1)?.address;
    const page = await store.read((reader) => reader.accounts.list({ ...(last === undefined ? {} : { after: last }), limit: PAGE }));
    all.push(...page.map(toOverview));
    if (page.length < PAGE) return all;
  }
}

function toOverview({ address, createdAt, disabledAt, head, usedBytes }: Account): AccountOverview {
  return { address, createdAt, disabledAt, sequence: head.sequence, usedBytes };
}
