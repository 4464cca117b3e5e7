import { checkVersion, exchange, findServer, serverInformation, type Fetch } from "@smimp/identity";
import { isSmimpError, type BaseUrl, type Domain } from "@smimp/protocol";
import type { Release } from "@smimp/web/files";
import { compareServed } from "./web-release.ts";

/** What came of looking at one thing. */
export interface Finding {
  readonly check: "discovery" | "version" | "domain" | "webmail" | "policy";
  /** Null: there is nothing to look at, which is nobody's fault. */
  readonly good: boolean | null;
  /** A sentence for people. */
  readonly text: string;
  /** Lines that go with it, such as the files that differ. */
  readonly more: readonly string[];
}

const MAX_PAGE_BYTES = 1024 * 1024;
const SECONDS = 30;
/** What a page that holds a mailbox must be forbidden, beside whatever else it is. */
const FORBIDS = [
  [/(?:^|;)\s*default-src 'none'(?:;|$)/, "what it doesn't name"],
  [/(?:^|;)\s*require-trusted-types-for 'script'(?:;|$)/, "making markup of text"],
  [/(?:^|;)\s*frame-ancestors 'none'(?:;|$)/, "being shown inside of other pages"],
] as const;

/**
 * Looks at a domain's server from outside, as any client finds it (protocol section 2), one thing after the other; ends where the next
 * one could not be looked at. `known`: the webmail that it should give out, null where this program has none to hold against it.
 */
export async function* examine(fetch: Fetch, domain: Domain, known: Release | null): AsyncGenerator<Finding> {
  const server = await attempt(async () => await findServer(fetch, domain));
  if ("reason" in server) return yield bad("discovery", `${domain} names no server that can be reached: ${server.reason}.`);
  yield good("discovery", `${domain} names its server: ${server.found}`);

  const version = await attempt(async () => await checkVersion(fetch, server.found));
  if ("reason" in version) return yield bad("version", `It doesn't answer as a server of SMIMP does: ${version.reason}.`);
  yield good("version", "It answers, and speaks this version of SMIMP.");

  const information = await attempt(async () => await serverInformation(fetch, server.found));
  if ("reason" in information) yield bad("domain", `It doesn't say whom it serves: ${information.reason}.`);
  else if (!information.found.domains.includes(domain))
    yield bad("domain", `It doesn't serve ${domain}: the name stands in nothing that it says of itself.`);
  else yield good("domain", `It serves ${domain}.`);

  yield* webmail(fetch, server.found, known);
}

async function* webmail(fetch: Fetch, server: BaseUrl, known: Release | null): AsyncGenerator<Finding> {
  if (known === null)
    return yield { check: "webmail", good: null, text: "This program has no webmail to hold against the server's.", more: [] };
  const compared = await attempt(async () => await compareServed(fetch, server, known));
  if ("reason" in compared) return yield bad("webmail", `Its webmail can't be compared: ${compared.reason}.`);
  if (compared.found === null) return yield { check: "webmail", good: null, text: "It gives out no webmail.", more: [] };
  const differences = compared.found.map(({ path, how }) => `${how.padEnd(8)} ${path}`);
  yield differences.length === 0
    ? good("webmail", `Its webmail is this program's, all ${Object.keys(known.files).length} files of it.`)
    : bad("webmail", "Its webmail is another one than this program's. An older or newer release, or somebody has changed it:", differences);
  const page = await attempt(async () => await exchange(fetch, server, { method: "GET" }, { maxBytes: MAX_PAGE_BYTES, seconds: SECONDS }));
  if ("reason" in page) return yield bad("policy", `The page itself can't be had: ${page.reason}.`);
  const missing = allowed(page.found.headers.get("content-security-policy") ?? "");
  yield missing.length === 0
    ? good("policy", "Browsers are told to run nothing but the files of the webmail.")
    : bad("policy", "Something in front of the server loosens what browsers are told. The page is not forbidden:", missing);
}

/** What a policy doesn't forbid and should. */
function allowed(policy: string): readonly string[] {
  const scripts = /(?:^|;)\s*script-src ([^;]*)/.exec(policy)?.[1]?.trim().split(/\s+/) ?? [];
  const loose = scripts.length === 0 || scripts.some((source) => !/^'(?:self|wasm-unsafe-eval|sha(?:256|384|512)-[^']+)'$/.test(source));
  return [
    ...(loose ? ["scripts of others, or written into the page"] : []),
    ...FORBIDS.flatMap(([rule, what]) => (rule.test(policy) ? [] : [what])),
  ];
}

type Attempted<Value> = { readonly found: Value } | { readonly reason: string };

async function attempt<Value>(work: () => Promise<Value>): Promise<Attempted<Value>> {
  try {
    return { found: await work() };
  } catch (error) {
    if (isSmimpError(error)) return { reason: error.message };
    if (error instanceof TypeError) return { reason: error.message };
    throw error;
  }
}

function good(check: Finding["check"], text: string): Finding {
  return { check, good: true, text, more: [] };
}

function bad(check: Finding["check"], text: string, more: readonly string[] = []): Finding {
  return { check, good: false, text, more };
}
