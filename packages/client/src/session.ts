import {
  isSmimpError,
  secondsBetween,
  signSession,
  type Address,
  type BaseUrl,
  type Clock,
  type SigningKey,
  type Timestamp,
} from "@smimp/protocol";
import type { Api } from "./api.ts";

/** A session this close to its end is not used any more, seconds. */
const NEARLY_OVER = 30;
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

/** Who logs in. */
export interface SessionOwner {
  readonly address: Address;
  readonly master: SigningKey;
}

interface Session {
  readonly token: string;
  readonly expiresAt: Timestamp;
}

/** Logs in when needed, once for each server however many ask at the same time. */
export function createSessions(api: Api, { address, master }: SessionOwner, clock: Clock): Sessions {
  const sessions = new Map<BaseUrl, Promise<Session>>();

  async function login(server: BaseUrl): Promise<Session> {
    const params = { address };
    const { token } = await api.call(server, "getSessionChallenge", { params });
    // `server` is what this client connected to: a challenge relayed from elsewhere gets a signature that is worth nothing there.
    const body = signSession({ server, address, token, role: "master", issuedAt: clock(), key: master });
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
