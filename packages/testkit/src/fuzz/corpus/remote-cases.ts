import { parseAddress, randomBytes, signingKey, signSession, type Address } from "@smimp/protocol";
import { body, bomb, cut, deepJson, endless, hugeHeaders, json, redirect } from "../../hostile/answers.ts";
import { startHistoryPeer, type HistoryPeer } from "../../hostile/history.ts";
import type { Answer } from "../../hostile/peer.ts";
import { createIdentity, type TestIdentity } from "../../identity.ts";
import type { NamedCase } from "../report.ts";
import { isGone, isHealthy, watchGrowth } from "../server/health.ts";
import { faultsOfLog } from "../server/judge.ts";
import type { World } from "../server/world.ts";
import type { Arena } from "./schema-cases.ts";

// Somebody logs in from a domain whose server answers with nonsense: what the server under test must fetch is hostile (protocol section 5).

/** Seconds that a server gives such a fetch, in milliseconds, with a margin. */
const FETCH_ENDS = 20_000;

interface Guest {
  readonly identity: TestIdentity;
  readonly address: Address;
  readonly history: string;
}

type Hostile = (guest: Guest, peer: HistoryPeer) => void;

/** Answers the guest's history. */
const history =
  (answer: (guest: Guest) => Answer): Hostile =>
  (guest, peer) =>
    peer.answer(guest.history, answer(guest));

const changed = (change: (text: string) => string): Hostile =>
  history(({ identity }) => body(change(JSON.stringify(identity.history())), "application/json"));

/** Everything that says that a server can't be understood; and that its history is none. */
const NONSENSE: readonly string[] = ["temporarily_unavailable"];
const INVALID: readonly string[] = ["history_invalid"];

const CASES: readonly (readonly [what: string, hostile: Hostile, codes: readonly string[]])[] = [
  ["a history of null", history(() => body("null", "application/json")), INVALID],
  ["a history of nothing", history(() => body("", "application/json")), NONSENSE],
  ["a history without records", history(() => json({ records: [], profile: null })), INVALID],
  [
    "a history of 1,001 records",
    changed((text) =>
      JSON.stringify({
        records: Array.from({ length: 1_001 }, () => (JSON.parse(text) as { records: unknown[] }).records[0]),
        profile: null,
      }),
    ),
    [...INVALID, "too_large"],
  ],
  ["records that are an object", history(() => json({ records: { length: 1 }, profile: null })), INVALID],
  ["records that are texts", history(() => json({ records: ["x"], profile: null })), INVALID],
  ["records of null", history(() => json({ records: [null], profile: null })), INVALID],
  ["__proto__ in place of records", history(() => body('{"__proto__":{"records":[]},"profile":null}', "application/json")), INVALID],
  ["a profile that is a number", changed((text) => text.replace('"profile":null', '"profile":1')), INVALID],
  ["a profile that nobody signed for", changed((text) => text.replace('"profile":null', '"profile":"{}"')), INVALID],
  ["a record of nothing", changed((text) => text.replace(/"data":"(?:[^"\\]|\\.)*"/, '"data":""')), INVALID],
  ["a record that is no JSON", changed((text) => text.replace(/"data":"(?:[^"\\]|\\.)*"/, '"data":"{"')), INVALID],
  ["a record 2,000 arrays deep", changed((text) => text.replace(/"data":"(?:[^"\\]|\\.)*"/, `"data":"${"[".repeat(2_000)}"`)), INVALID],
  ["a record of 5,000 bytes", changed((text) => text.replace(/"data":"/, `"data":"${" ".repeat(5_000)}`)), INVALID],
  ["a signature of zeros", changed((text) => text.replace(/"signature":"[^"]*"/, `"signature":"${"A".repeat(86)}"`)), INVALID],
  ["a signature that is null", changed((text) => text.replace(/"signature":"[^"]*"/, '"signature":null')), INVALID],
  ["names that stand twice", changed((text) => text.replace("{", '{"profile":null,')), NONSENSE],
  ["a byte-order mark", changed((text) => `\ufeff${text}`), NONSENSE],
  ["a lone surrogate", changed((text) => text.replace("{", '{"x":"\\ud800",')), NONSENSE],
  ["1e400", changed((text) => text.replace("{", '{"x":1e400,')), NONSENSE],
  ["100,000 arrays deep", history(() => deepJson()), NONSENSE],
  ["200,000 values", history(() => body(`{"records":[${"1,".repeat(200_000)}1],"profile":null}`, "application/json")), INVALID],
  ["without end", history(() => endless), ["too_large", "temporarily_unavailable"]],
  ["a bomb", history(() => bomb(64 * 1024 * 1024)), NONSENSE],
  ["broken off", history(() => cut), NONSENSE],
  ["headers without end", history(() => hugeHeaders()), NONSENSE],
  ["a redirect to the machine itself", history(() => redirect("https://127.0.0.1/")), NONSENSE],
  ["a problem that only clients find", history(() => json({ code: "decryption_failed", detail: "x" }, 400)), NONSENSE],
  ["a problem with another's status", history(() => json({ code: "conflict", detail: "x" }, 403)), NONSENSE],
  ["a problem named __proto__", history(() => json({ code: "__proto__" }, 400)), NONSENSE],
  ["an unknown user", history(() => json({ code: "unknown_user", detail: "x" }, 404)), ["unknown_user"]],
  [
    "no answer to the version",
    (guest, peer) => {
      peer.answer(guest.history, body("", "text/plain", 404));
      peer.answer("/version", body("null", "application/json"));
    },
    NONSENSE,
  ],
  [
    "no version that is known",
    (guest, peer) => {
      peer.answer(guest.history, body("", "text/plain", 404));
      peer.answer("/version", json({ versions: ["2.0"] }));
    },
    ["unsupported_version", "temporarily_unavailable"],
  ],
  ["no smimp.txt", (_guest, peer) => peer.answer("/.well-known/smimp.txt", body("", "text/plain", 404)), ["unknown_user"]],
  ["an empty smimp.txt", (_guest, peer) => peer.answer("/.well-known/smimp.txt", body("")), ["unknown_user"]],
  ["a smimp.txt that is no text", (_guest, peer) => peer.answer("/.well-known/smimp.txt", body(randomBytes(1_000))), ["unknown_user"]],
  [
    "a smimp.txt of the machine itself",
    (_guest, peer) => peer.answer("/.well-known/smimp.txt", body("https://127.0.0.1/")),
    ["unknown_user"],
  ],
  ["a smimp.txt of the machine's own name", (_guest, peer) => peer.answer("/.well-known/smimp.txt", body("localhost")), ["unknown_user"]],
  [
    "a smimp.txt with a user",
    (_guest, peer) => peer.answer("/.well-known/smimp.txt", body("https://a@smimp.alpha.example/")),
    ["unknown_user"],
  ],
  [
    "a smimp.txt without encryption",
    (_guest, peer) => peer.answer("/.well-known/smimp.txt", body("http://smimp.alpha.example/")),
    ["insecure_transport", "temporarily_unavailable"],
  ],
  [
    "a smimp.txt that names another server",
    (_guest, peer) => peer.answer("/.well-known/smimp.txt", body("smimp.alpha.example")),
    ["unknown_user", "server_mismatch"],
  ],
  [
    "a smimp.txt of 5,000 bytes",
    (_guest, peer) => peer.answer("/.well-known/smimp.txt", body(`#${" ".repeat(5_000)}\nsmimp.alpha.example`)),
    ["unknown_user"],
  ],
];

/** Log-ins from domains whose servers are hostile. */
export function remoteCases(): readonly NamedCase<Arena>[] {
  return CASES.map(([what, hostile, codes], i) => ({
    name: `a guest's server: ${what}`,
    run: async ({ world }) => await logIn(world, `guest${i}.example`, hostile, codes),
  }));
}

async function logIn(world: World, domain: string, hostile: Hostile, codes: readonly string[]): Promise<readonly string[]> {
  const { network, call, server } = world;
  const peer = await startHistoryPeer(network.authority, domain);
  try {
    for (const [host, address] of Object.entries(peer.hosts)) network.addHost(host, address);
    const identity = createIdentity(`guest#${domain}`, peer.baseUrl, network.clock());
    peer.show(identity.address, identity);
    hostile({ identity, address: identity.address, history: `/1.0/get_user/${identity.address}/history` }, peer);
    const logged = world.process.logs().length;
    const grown = await watchGrowth(world);
    world.state.mark();
    const params = { address: parseAddress(`guest#${domain}`) };
    const challenge = await call("getSessionChallenge", { params });
    const key = signingKey(randomBytes(32));
    const statement = signSession({
      server: server.baseUrl,
      address: params.address,
      token: challenge.answer.token,
      role: "master",
      issuedAt: network.clock(),
      key,
    });
    const started = performance.now();
    const answer = await call("createSession", { params, body: statement });
    return [
      ...(answer.code !== null && codes.includes(answer.code) ? [] : [`${answer.code} instead of ${codes.join(" or ")}`]),
      ...(performance.now() - started < FETCH_ENDS ? [] : ["the answer took too long"]),
      ...grown(),
      ...world.state.changed().map((table) => `a refused request changed ${table}`),
      ...faultsOfLog(world, world.process.logs().slice(logged)),
      ...(isGone(world) || !(await isHealthy(world)) ? ["the server is not healthy afterwards"] : []),
    ];
  } finally {
    await peer.close();
  }
}
