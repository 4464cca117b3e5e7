import { checkVersion, findServer, serverInformation, type Fetch } from "@smimp/identity";
import {
  addSeconds,
  DAY,
  domainOf,
  HOUR,
  isSmimpError,
  MINUTE,
  parseBaseUrl,
  SmimpError,
  utf8,
  type BaseUrl,
  type Clock,
  type ProblemCode,
  type Timestamp,
} from "@smimp/protocol";
import type { Api } from "../api.ts";
import type { MoveOptions, MoveStatus } from "../rooms/account.ts";
import type { OwnRecords } from "../keys/own-records.ts";
import type { Keystore } from "../keystore/keystore.ts";
import { setSharedSetting } from "../keystore/shared-settings.ts";
import type { NoticeBoard } from "../notices.ts";
import type { LiveSelf } from "../self.ts";
import type { Sessions } from "../session.ts";
import { documents } from "../storage/documents.ts";
import type { Storage } from "../storage/storage.ts";
import { createTurns } from "../turns.ts";
import { startExport } from "./export.ts";
import { HOME_SETTING, type Home } from "./home.ts";

/** How long other servers may remember the old one after the domain names the new one: until then both are in the history, seconds. */
const REMEMBERED = 15 * MINUTE;
/** How long mail may still come to the old server, seconds (protocol section 3: an hour, and some more). */
const STILL_COMING = 2 * HOUR;
/** Seconds that an account may take to be copied. */
const COPY_SECONDS = 1 * DAY;

/** How far a move is. */
interface MoveDocument {
  readonly from: BaseUrl;
  readonly to: BaseUrl;
  readonly code: string | null;
  readonly stage: "announce" | "copy" | "wait" | "settle";
  /** The old server's state up to which everything was copied. */
  readonly state: string | null;
  /** When the domain was seen to name the new server. */
  readonly switchedAt: Timestamp | null;
}

/** Moves the account to another server, in steps of which each can be the last for a while (protocol section 3, Moving). */
export interface Moving {
  move(options: MoveOptions): Promise<MoveStatus>;
  status(): Promise<MoveStatus>;
  cancel(): Promise<void>;
  /** Takes the next step where one can be taken; part of every sync. */
  goOn(run: { readonly signal: AbortSignal | undefined }): Promise<void>;
}

/** What moving works with. */
export interface MovingParts {
  readonly storage: Storage;
  readonly fetch: Fetch;
  readonly api: Api;
  readonly sessions: Sessions;
  readonly self: LiveSelf;
  readonly records: OwnRecords;
  readonly keystore: Keystore;
  readonly home: Home;
  readonly notices: NoticeBoard;
  readonly clock: Clock;
}

const moves = documents<MoveDocument>("move");
const ONLY = "now";

/** What the old server may answer when there is nothing to be had of it any more. */
const OVER: ReadonlySet<ProblemCode> = new Set<ProblemCode>([
  "unknown_user",
  "bad_signature",
  "unauthenticated",
  "not_found",
  "wrong_server",
]);

/** The one move that may be under way. */
export function createMoving(parts: MovingParts): Moving {
  const { storage, fetch, api, sessions, self, records, keystore, home, notices, clock } = parts;
  const turns = createTurns();

  const read = async (): Promise<MoveDocument | null> => await moves.get(storage, ONLY);
  const write = async (move: MoveDocument): Promise<MoveDocument> => {
    await storage.transact(async (writer) => await Promise.resolve(moves.put(writer, ONLY, move)));
    return move;
  };

  async function begin({ to, code }: MoveOptions): Promise<void> {
    const before = await read();
    if (before !== null) {
      if (before.to !== to) throw new TypeError("another move is under way: cancel it first");
      // A new code may take the place of one that has expired in the meantime.
      return void (await write({ ...before, code }));
    }
    if (to === self.baseUrl) throw new TypeError("the account is there already");
    await checkVersion(fetch, to);
    const { domains } = await serverInformation(fetch, to);
    if (!domains.includes(domainOf(self.address))) throw new SmimpError("wrong_server", "that server doesn't hold your domain");
    await write({ from: self.baseUrl, to, code, stage: "announce", state: null, switchedAt: null });
  }

  async function steps(signal: AbortSignal | undefined): Promise<void> {
    let move = await read();
    if (move?.stage === "announce") move = await announce(move);
    if (move?.stage === "copy") move = await copyAll(move, signal);
    if (move?.stage === "wait") move = await follow(move);
    if (move?.stage === "settle") await settle(move, signal);
  }

  async function announce(move: MoveDocument): Promise<MoveDocument> {
    await records.append(({ chain: { head } }) => {
      const { servers } = head.document;
      return servers.includes(move.to) ? undefined : { servers: [...servers, move.to] };
    });
    return await write({ ...move, stage: "copy" });
  }

  async function copyAll(move: MoveDocument, signal: AbortSignal | undefined): Promise<MoveDocument> {
    const state = await copy(move, move.code, signal);
    return await write({ ...move, stage: "wait", state });
  }

  /** Streams an export from the old server to the new one, through this device, which keeps nothing of it. Resolves with its state. */
  async function copy({ from, to, state }: MoveDocument, code: string | null, signal: AbortSignal | undefined): Promise<string> {
    // Nothing is exported for a server that doesn't let its owner in.
    await sessions.with(to, async () => await Promise.resolve());
    const exported = await startExport(parts, from, { ...(state === null ? {} : { since: state }), signal });
    async function* body(): AsyncGenerator<Uint8Array> {
      yield utf8(`${JSON.stringify({ code })}\n`);
      yield* exported.lines();
    }
    try {
      const options = { length: null, seconds: COPY_SECONDS, signal };
      await sessions.with(to, async (token) => await api.put(to, "importAccount", { ...options, token, bytes: body() }));
    } finally {
      await exported.close();
    }
    const now = exported.state();
    if (now === null) throw new SmimpError("temporarily_unavailable", "the server took an export that had not begun");
    return now;
  }

  /** Once the domain names the new server, this device goes over to it, and tells the others. */
  async function follow(move: MoveDocument): Promise<MoveDocument> {
    if (self.baseUrl !== move.to) {
      if ((await findServer(fetch, domainOf(self.address))) !== move.to) return move;
      await storage.transact(async (writer) => await setSharedSetting(writer, HOME_SETTING, move.to, clock()));
      // The others look there for the last time.
      await keystore.save();
      if (!(await home.check({ force: true }))) return move;
    }
    return await write({ ...move, stage: "settle", switchedAt: clock() });
  }

  async function settle(move: MoveDocument, signal: AbortSignal | undefined): Promise<void> {
    const since = move.switchedAt ?? clock();
    const now = clock();
    await takeAlong(move, signal);
    if (now >= addSeconds(since, REMEMBERED)) {
      await records.append(({ chain: { head } }) => {
        const { servers } = head.document;
        return servers.includes(move.from) ? { servers: servers.filter((each) => each !== move.from) } : undefined;
      });
    }
    if (now < addSeconds(since, STILL_COMING)) return;
    await storage.transact(async (writer) => {
      moves.delete(writer, ONLY);
      notices.post(writer, {
        code: "moved",
        address: self.address,
        detail: `you have moved to ${move.to}: the account at ${move.from} can be deleted`,
      });
    });
  }

  /** Mail that came to the old server meanwhile. What it can't give any more is not waited for. */
  async function takeAlong(move: MoveDocument, signal: AbortSignal | undefined): Promise<void> {
    try {
      const query = { since: move.state ?? "0" };
      const news = await sessions.with(move.from, async (token) => await api.call(move.from, "getChanges", { token, query, signal }));
      if (news.created.length > 0) await write({ ...move, state: await copy(move, null, signal) });
    } catch (error) {
      if (!isSmimpError(error) || !OVER.has(error.code)) throw error;
    }
  }

  async function status(): Promise<MoveStatus> {
    const move = await read();
    if (move === null) return { step: "none", from: null, to: null };
    const step = ({ announce: "announcing", copy: "copying", wait: "waiting_for_domain", settle: "settling" } as const)[move.stage];
    return { step, from: move.from, to: move.to };
  }

  return {
    status,
    move: async (options) =>
      await turns(async () => {
        await begin({ ...options, to: parseBaseUrl(options.to) });
        await steps(options.signal);
        return await status();
      }),
    goOn: async ({ signal }) => {
      if ((await read()) !== null) await turns(async () => await steps(signal));
    },
    cancel: async () =>
      await turns(async () => {
        const move = await read();
        if (move === null) return;
        if (move.stage === "settle") throw new TypeError("the account has moved already");
        await records.append(({ chain: { head } }) => {
          const { servers } = head.document;
          return servers.includes(move.to) ? { servers: servers.filter((each) => each !== move.to) } : undefined;
        });
        await storage.transact(async (writer) => await Promise.resolve(moves.delete(writer, ONLY)));
      }),
  };
}
