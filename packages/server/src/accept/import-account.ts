import {
  appendRecord,
  checkProfileText,
  domainOf,
  isSmimpError,
  MAX_EXPORT_LINE_OVERHEAD,
  MAX_RECORDS,
  parseProfile,
  SmimpError,
  type Address,
  type Chain,
  type ExportLineOf,
  type Hex32,
} from "@smimp/protocol";
import { setImmediate as nextTurn } from "node:timers/promises";
import { untilEnded, watchAccess, type LastingAccess } from "../notify/lasting-access.ts";
import type { Services } from "../services.ts";
import type { NewRecord } from "../store/accounts.ts";
import { takeAway } from "../store/departures.ts";
import { admissionByCode, type Admission } from "./admission.ts";
import type { Caller } from "./caller.ts";
import { readExportLines, type ExportLines } from "./export-lines.ts";
import { Intake, listKeyOf, notAfter } from "./intake.ts";
import { allowedBytes } from "./quota.ts";
import { toNewRecord } from "./records.ts";

type Deps = Pick<Services, "store" | "clock" | "settings" | "rates" | "remote" | "chains" | "bus" | "transfers">;

/** States that an account may come with: as far as a number counts exactly, with room to go on. */
const MAX_STATE = 2 ** 50;

/** An account as its first lines show it, the chain verified. */
interface Announced {
  readonly account: ExportLineOf<"account">;
  readonly chain: Chain;
  readonly records: readonly NewRecord[];
}

/**
 * Takes an account over that was exported elsewhere (protocol section 8). For an address that has no account here: all or nothing, and
 * the code is used up only with the last line, so what was broken off can be sent again. For the owner of an account that is here
 * already: what is not here yet is added. Where the session ends it ends at once, and stores nothing more. Resolves with the link of the chain's head. Throws `unauthenticated` for another's session or a
 * wrong code, `wrong_server`, `server_mismatch`, `history_invalid`, `history_rewritten`, `conflict`, `already_initialized`, `key_reused`,
 * `not_accepted`, `quota_exceeded`, `too_large`, `bad_request`, `rate_limited`, `temporarily_unavailable`.
 */
export async function importAccount(deps: Deps, caller: Caller, remoteAddress: string, source: AsyncIterable<Uint8Array>): Promise<Hex32> {
  const { settings, transfers } = deps;
  const { address } = caller;
  if (!settings.domains.includes(domainOf(address))) throw new SmimpError("wrong_server", "this server has no such domain");
  const end = transfers.begin({ kind: "import", address, remoteAddress });
  const access = watchAccess(deps, caller);
  const lines = readExportLines(untilEnded(source, access.signal), settings.limits.messageBytes + MAX_EXPORT_LINE_OVERHEAD);
  try {
    const { code } = await lines.head();
    if (caller.local !== null) return await addTo(deps, lines, address, access);
    const admit = await admissionByCode(deps, address, code ?? "");
    return await takeOver(deps, lines, address, access, admit);
  } finally {
    access.release();
    await lines.close();
    end();
  }
}

/** Adds what is missing to an account that is here already. */
async function addTo(deps: Deps, lines: ExportLines, address: Address, access: LastingAccess): Promise<Hex32> {
  const { store, settings, bus } = deps;
  const { chain, next } = await announced(deps, lines, address);
  const { account, links } = await store.read(async (reader) => ({
    account: await reader.accounts.find(address),
    links: (await reader.accounts.records(address)).map(({ link }) => link),
  }));
  if (account === null) throw new SmimpError("unauthenticated", "this account is not in service");
  // Either may have grown since the other was copied; they must not have parted.
  const parted = chain.records.slice(0, links.length).some(({ link }, index) => link !== links[index]);
  if (parted) throw new SmimpError("history_rewritten", "this export has another history than the account here");
  const target = { address, publicKey: account.head.publicKey, isNew: false, avatar: null, allowedBytes: allowedBytes(settings, account) };
  await takeIn(new Intake(deps, lines, target, access), next);
  // Deleted just now, it has no state any more.
  const now = await store.read((reader) => reader.accounts.find(address));
  if (now !== null) bus.publish(address, now.state);
  return account.head.link;
}

/** Opens an account with all that comes; nobody sees it before its end. */
async function takeOver(deps: Deps, lines: ExportLines, address: Address, access: LastingAccess, admit: Admission): Promise<Hex32> {
  const { store, clock, settings, remote, chains, bus } = deps;
  const { account, chain, records, next } = await announced(deps, lines, address);
  if (!chain.head.document.servers.includes(settings.baseUrl)) {
    throw new SmimpError("server_mismatch", "the last record does not name this server");
  }
  // Fetched, verified and held against the pin: what comes here is the history that the world sees, to its last record.
  if ((await remote.freshChainOf(address)).head.link !== chain.head.link) {
    throw new SmimpError("conflict", "the history is another than the one at the account's server: export again");
  }
  const head = records.at(-1)?.head;
  if (head === undefined) throw new TypeError("a chain has a record");
  await takeAway(store, address);
  await store.transact(async (writer) => {
    await access.assertStands(writer);
    const holder = await writer.remotePins.holderOf(head.publicKey, clock());
    if (holder !== null && holder !== address) throw new SmimpError("key_reused", "another address holds this key");
    await writer.moving.begin({
      address,
      head,
      profile: account.profile,
      listKey: listKeyOf(account),
      createdAt: notAfter(account.created_at, clock()),
      state: stateOf(account),
    });
  });
  const target = { address, publicKey: head.publicKey, isNew: true, avatar: avatarOf(account), allowedBytes: settings.quotas.accountBytes };
  try {
    await takeIn(new Intake(deps, lines, target, access), next);
    await store.transact(async (writer) => {
      await access.assertStands(writer);
      await admit(writer, clock());
      await writer.moving.complete(address, records);
      await writer.remotePins.clear(address);
      // They were those of a stranger: the owner logs in anew.
      await writer.sessions.endAll(address);
    });
  } catch (error) {
    await giveUp(store, address);
    throw error;
  }
  chains.keep(chain);
  bus.endAccount(address);
  return head.link;
}

/** Takes back what came so far. Where the disk doesn't allow even that, the next start does it: nobody sees the account. */
async function giveUp(store: Deps["store"], address: Address): Promise<void> {
  try {
    await store.transact((writer) => writer.moving.abandon(address));
    await takeAway(store, address);
  } catch (error) {
    if (!isSmimpError(error)) throw error;
  }
}

async function takeIn(intake: Intake, next: Parameters<Intake["run"]>[0]): Promise<void> {
  try {
    await intake.run(next);
  } catch (error) {
    await intake.discard();
    throw error;
  }
}

/** The account, its chain, and the line that comes behind them. */
async function announced(
  { clock }: Deps,
  lines: ExportLines,
  address: Address,
): Promise<Announced & { readonly next: Awaited<ReturnType<ExportLines["next"]>> }> {
  const account = await lines.next();
  if (account.kind !== "account") throw new SmimpError("bad_request", "an export begins with the account");
  if (account.address !== address) throw new SmimpError("unauthenticated", "this is the export of another account");
  const records: NewRecord[] = [];
  let chain: Chain | null = null;
  for (;;) {
    const line = await lines.next();
    if (line.kind !== "record") {
      if (chain === null) throw new SmimpError("history_invalid", "there is no record");
      checkProfileText(account.profile, chain.head.document.profile_hash);
      if (account.profile !== null) parseProfile(account.profile);
      return { account, chain, records, next: line };
    }
    if (records.length >= MAX_RECORDS) throw new SmimpError("history_invalid", "there are too many records");
    // Each costs up to three signatures: others get a turn in between.
    await nextTurn();
    chain = appendRecord(chain, address, line.record);
    records.push(toNewRecord(chain, notAfter(line.accepted_at, clock())));
  }
}

function avatarOf({ profile }: ExportLineOf<"account">): Hex32 | null {
  return profile === null ? null : (parseProfile(profile).avatar?.hash ?? null);
}

function stateOf({ state }: ExportLineOf<"account">): number {
  const number = Number(state);
  if (!Number.isSafeInteger(number) || number > MAX_STATE) throw new SmimpError("bad_request", "no account has such a state");
  return number;
}
