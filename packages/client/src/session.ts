import {
  isSmimpError,
  secondsBetween,
  signSession,
  SmimpError,
  type Address,
  type BaseUrl,
  type Clock,
  type PublicKey,
  type SessionRole,
  type SigningKey,
  type Timestamp,
} from "@smimp/protocol";
import type { Api } from "./api.ts";

/** A session this close to its end is not used any more, seconds. */
const NEARLY_OVER = 30;
/** How soon a server that goes by an old history is asked again, seconds. */
export const STALE_HISTORY = 60;
/** How long farewells may take, milliseconds: whoever closes does not wait for a server that doesn't answer. */
const FAREWELL = 3_000;

/** Sessions with any server (protocol section 5); tokens live in memory only. */
export interface Sessions {
  /**
   * Runs `work` with a session's token, logging in first where there is none. Where the server has forgotten the session,
   * logs in and runs `work` once more.
   */
  with<Result>(server: BaseUrl, work: (token: string) => Promise<Result>): Promise<Result>;
  /** Ends all sessions; errors are not worth a word, since sessions end by themselves. */
  end(): Promise<void>;
}

/** Who logs in. The key is read each time: it may have been replaced. */
export interface SessionOwner {
  readonly address: Address;
  readonly baseUrl: BaseUrl;
  readonly master: SigningKey;
  /** Set where `master` is the recovery key: such sessions may do little (protocol section 5). */
  readonly role?: SessionRole;
}

/**
 * Called where a server refuses the master key: finds out whether another one is in place by now. True: try once more. Throws
 * what the owner has to know, e.g. that this device was removed.
 */
export type OnRefused = (refused: PublicKey) => Promise<boolean>;

interface Session {
  readonly token: string;
  readonly expiresAt: Timestamp;
}

/** Logs in when needed, once for each server however many ask at the same time. */
export function createSessions(api: Api, owner: SessionOwner, clock: Clock, onRefused: OnRefused = async () => false): Sessions {
  const { address } = owner;
  const sessions = new Map<BaseUrl, Promise<Session>>();

  async function login(server: BaseUrl): Promise<Session> {
    const { publicKey } = owner.master;
    try {
      return await loginOnce(server);
    } catch (error) {
      if (!isSmimpError(error, "bad_signature")) throw error;
      if (await onRefused(publicKey)) return await loginOnce(server);
      if (server === owner.baseUrl) throw error;
      // Another server may go by a history that is ten minutes old (protocol section 5): that passes.
      const detail = "the server doesn't know your new key yet";
      throw new SmimpError("temporarily_unavailable", detail, { cause: error, retryAfter: STALE_HISTORY });
    }
  }

  async function loginOnce(server: BaseUrl): Promise<Session> {
    const { master } = owner;
    const params = { address };
    const { token } = await api.call(server, "getSessionChallenge", { params });
    // `server` is what this client connected to: a challenge relayed from elsewhere gets a signature that is worth nothing there.
    const body = signSession({ server, address, token, role: owner.role ?? "master", issuedAt: clock(), key: master });
    const answer = await api.call(server, "createSession", { params, body });
    return { token: answer.authentication_token, expiresAt: answer.expires_at };
  }

  async function current(server: BaseUrl): Promise<Session> {
    const known = sessions.get(server);
    if (known === undefined) return await begin(server);
    const session = await known;
    if (secondsBetween(clock(), session.expiresAt) > NEARLY_OVER) return session;
    // Somebody else may have begun while this one waited.
    return sessions.get(server) === known ? await begin(server) : await current(server);
  }

  /** A session other than the one that the server has forgotten. */
  async function renewed(server: BaseUrl, forgotten: Session): Promise<Session> {
    const known = sessions.get(server);
    const session = await known;
    return session === undefined || session === forgotten ? await begin(server) : session;
  }

  function begin(server: BaseUrl): Promise<Session> {
    const started = login(server);
    sessions.set(server, started);
    started.catch(() => {
      if (sessions.get(server) === started) sessions.delete(server);
    });
    return started;
  }

  return {
    with: async (server, work) => {
      const session = await current(server);
      try {
        return await work(session.token);
      } catch (error) {
        if (!isSmimpError(error, "session_expired") && !isSmimpError(error, "unauthenticated")) throw error;
        return await work((await renewed(server, session)).token);
      }
    },
    end: async () => {
      const open = [...sessions];
      sessions.clear();
      const late = new AbortController();
      const timer = Promise.withResolvers<void>();
      const timeout = setTimeout(() => {
        late.abort();
        timer.resolve();
      }, FAREWELL);
      const { signal } = late;
      const farewells = open.map(
        async ([server, session]) => await api.call(server, "destroySession", { token: (await session).token, signal }),
      );
      // A log-in that is still under way is not waited for either.
      await Promise.race([Promise.allSettled(farewells), timer.promise]);
      clearTimeout(timeout);
    },
  };
}
