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
    const known = await sessions.get(server);
    if (known !== undefined && secondsBetween(clock(), known.expiresAt) > NEARLY_OVER) return known;
    // Somebody else may have begun while this one waited.
    const begun = sessions.get(server);
    if (begun !== undefined && (await begun) !== known) return await begun;
    return await begin(server);
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
        const now = await sessions.get(server);
        const fresh = now === undefined || now === session ? await begin(server) : now;
        return await work(fresh.token);
      }
    },
    end: async () => {
      const open = [...sessions];
      sessions.clear();
      await Promise.allSettled(
        open.map(async ([server, session]) => await api.call(server, "destroySession", { token: (await session).token })),
      );
    },
  };
}
