import type { Fetch } from "@smimp/identity";
import {
  domainOf,
  ENDPOINTS,
  fromUtf8,
  parseAddress,
  parseJson,
  signSession,
  type AnswerOf,
  type BaseUrl,
  type BodyInputOf,
  type EndpointName,
  type SessionRole,
  type Timestamp,
} from "@smimp/protocol";
import { createIdentity, type TestIdentity } from "./identity.ts";
import type { Network } from "./network.ts";

/** What goes into one call. */
export interface RawRequest<Name extends EndpointName> {
  /** Values of the path's `{names}`. */
  readonly params?: Readonly<Record<string, string>>;
  readonly query?: Readonly<Record<string, string>>;
  /** JSON where the endpoint takes JSON, bytes where it takes bytes; a test may send anything else to see it refused. */
  readonly body?: BodyInputOf<Name> | Uint8Array<ArrayBuffer>;
  /** The session's token. */
  readonly token?: string;
  readonly headers?: Readonly<Record<string, string>>;
}

/** What came back, problem or not. */
export interface RawAnswer<Name extends EndpointName> {
  readonly status: number;
  /** The problem's code; null where the call succeeded. */
  readonly code: string | null;
  /** The answer's JSON, not checked against its schema; undefined where the answer is no JSON or a problem. */
  readonly answer: AnswerOf<Name>;
  /** The whole body. */
  readonly bytes: Uint8Array;
  readonly headers: { get(name: string): string | null };
}

/** Calls endpoints one by one, without a client's checks, retries and good manners. */
export type RawCaller = <Name extends EndpointName>(name: Name, request?: RawRequest<Name>) => Promise<RawAnswer<Name>>;

/** A caller of the server at `baseUrl`. */
export function rawCaller(fetch: Fetch, baseUrl: BaseUrl): RawCaller {
  return async <Name extends EndpointName>(name: Name, request: RawRequest<Name> = {}): Promise<RawAnswer<Name>> => {
    const { body, token } = request;
    const json = body !== undefined && !(body instanceof Uint8Array);
    const response = await fetch(urlOf(baseUrl, name, request), {
      method: ENDPOINTS[name].method,
      redirect: "manual",
      headers: {
        ...(body === undefined ? {} : { "content-type": json ? "application/json" : "application/octet-stream" }),
        ...(token === undefined ? {} : { "smimp-authentication": token }),
        ...request.headers,
      },
      ...(body === undefined ? {} : { body: json ? JSON.stringify(body) : body }),
    });
    const pieces: Uint8Array[] = [];
    for await (const piece of response.body ?? []) pieces.push(piece);
    const bytes = Buffer.concat(pieces);
    const type = response.headers.get("content-type") ?? "";
    const value = /\bjson\b/.test(type) && !type.includes("ndjson") ? parseJson(fromUtf8(bytes)) : undefined;
    const failed = response.status >= 400;
    return {
      status: response.status,
      code: failed ? String((value as { code?: unknown } | undefined)?.code) : null,
      answer: (failed ? undefined : value) as AnswerOf<Name>,
      bytes,
      headers: response.headers,
    };
  };
}

function urlOf<Name extends EndpointName>(baseUrl: BaseUrl, name: Name, { params = {}, query }: RawRequest<Name>): string {
  const path = ENDPOINTS[name].path.replace(/\{(\w+)\}/g, (_all, key: string) => encodeURIComponent(params[key] ?? ""));
  const search = query === undefined ? "" : `?${new URLSearchParams(query).toString()}`;
  return `${baseUrl}${name === "getVersion" ? "" : "1.0/"}${path}${search}`;
}

/** Creates the account of a test identity on its domain's server. Throws where the server refuses. */
export async function rawJoin(network: Network, identity: TestIdentity, ephemeralKeys = 0): Promise<void> {
  const { baseUrl, code } = await network.invite(domainOf(identity.address), identity.address);
  const now = network.clock();
  const answer = await rawCaller(network.fetch, baseUrl)("initializeAccount", {
    body: {
      code,
      record: identity.chain.head.statement,
      profile: null,
      nonephemeral_key: identity.messageKey("non_ephemeral", now).statement,
      ephemeral_keys: Array.from({ length: ephemeralKeys }, () => identity.messageKey("ephemeral", now).statement),
      keystore: null,
    },
  });
  if (answer.code !== null) throw new Error(`the account was not created: ${answer.code}`);
}

/** Somebody new, with an account at their domain's server. */
export async function joinRaw(network: Network, address: string, ephemeralKeys = 0): Promise<TestIdentity> {
  const identity = createIdentity(address, network.server(domainOf(parseAddress(address))).baseUrl, network.clock());
  await rawJoin(network, identity, ephemeralKeys);
  return identity;
}

/** How a session is opened; what is left out is as it should be. */
export interface RawSession {
  readonly role?: SessionRole;
  /** The base URL that is signed, where it is not the one that is called. */
  readonly server?: BaseUrl;
  readonly issuedAt?: Timestamp;
}

/** Opens a session for a test identity on any server. Returns its token. Throws where the server refuses. */
export async function rawSession(network: Network, baseUrl: BaseUrl, identity: TestIdentity, how: RawSession = {}): Promise<string> {
  const call = rawCaller(network.fetch, baseUrl);
  const params = { address: identity.address };
  const challenge = await call("getSessionChallenge", { params });
  if (challenge.code !== null) throw new Error(`no challenge: ${challenge.code}`);
  const role = how.role ?? "master";
  const statement = signSession({
    server: how.server ?? baseUrl,
    address: identity.address,
    token: challenge.answer.token,
    role,
    issuedAt: how.issuedAt ?? network.clock(),
    key: role === "master" ? identity.master : identity.recovery,
  });
  const session = await call("createSession", { params, body: statement });
  if (session.code !== null) throw new Error(`no session: ${session.code}`);
  return session.answer.authentication_token;
}
