import { randomBytes as fastRandomBytes } from "node:crypto";
import { ARCHIVE_BYTES, concat, hash, randomBytes, toB64, toHex32, utf8, type Address, type BaseUrl, type Hex32 } from "@smimp/protocol";
import {
  askKey,
  createAuthority,
  createIdentity,
  rawCaller,
  rawSession,
  sealRaw,
  startNetwork,
  type FakeClock,
  type Network,
  type RawCaller,
  type TestIdentity,
} from "../src/index.ts";
import { generous } from "./generous.ts";

// What tests of moving share: two servers that both hold a domain, whose smimp.txt names the one and later the other, and a person
// with something of everything.

/** Two servers that hold `people.example`; the first is the one that its smimp.txt names. */
export async function startTwoHomes(clock: FakeClock, config: Parameters<typeof startNetwork>[0]["config"] = {}): Promise<Network> {
  const authority = createAuthority();
  const network = await startNetwork({
    domains: ["alpha.example", "beta.example"],
    clock,
    authority,
    config: (domain) => ({
      ...generous,
      domains: [domain, "people.example"],
      tls: authority.issue({ hosts: [`smimp.${domain}`, domain, "people.example"] }),
      ...(typeof config === "function" ? config(domain) : config),
    }),
  });
  homeAt(network, "alpha.example");
  return network;
}

/** From now on the smimp.txt of `people.example` names the server of that domain. */
export function homeAt(network: Network, domain: string): void {
  network.addHost("people.example", `127.0.0.1:${network.server(domain).port}`);
}

/** A caller of a domain's server. */
export function callerOf(network: Network, domain: string): RawCaller {
  return rawCaller(network.fetch, network.server(domain).baseUrl);
}

/** Opens an account of `people.example` at the first server. */
export async function joinPeople(
  network: Network,
  name: string,
  singleUse = 5,
): Promise<{ identity: TestIdentity; keyIds: readonly Hex32[] }> {
  const identity = createIdentity(`${name}#people.example`, network.server("alpha.example").baseUrl, network.clock());
  const keys = Array.from({ length: singleUse }, () => identity.messageKey("ephemeral", network.clock()));
  const { code } = await network.invite("alpha.example", identity.address);
  const { code: fault } = await callerOf(network, "alpha.example")("initializeAccount", {
    body: {
      code,
      record: identity.chain.head.statement,
      profile: null,
      nonephemeral_key: identity.messageKey("non_ephemeral", network.clock()).statement,
      ephemeral_keys: keys.map(({ statement }) => statement),
      keystore: toB64(keystore(1)),
    },
  });
  if (fault !== null) throw new Error(`the account was not created: ${fault}`);
  return { identity, keyIds: keys.map(({ keyId }) => keyId) };
}

/** A keystore as a server sees one. */
export function keystore(version: number, size = 3_000): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(size).fill(version);
  new DataView(bytes.buffer).setBigUint64(0, BigInt(version));
  return bytes;
}

/** Sends a message, with attachments of so many bytes. */
export async function deliver(
  network: Network,
  server: BaseUrl,
  from: TestIdentity,
  to: Address,
  text: string,
  sizes: readonly number[] = [],
) {
  const call = rawCaller(network.fetch, server);
  const token = await rawSession(network, server, from);
  const key = await askKey(call, token, to);
  const blobs: { hash: Hex32; size: number; bytes: Uint8Array }[] = [];
  for (const size of sizes) {
    const bytes = new Uint8Array(fastRandomBytes(size));
    const blob = { hash: toHex32(hash(bytes)), size, bytes };
    blobs.push(blob);
    await call("putBlob", { token, params: { hash: blob.hash }, query: { ticket: key.ticket }, body: bytes });
  }
  const envelope = sealRaw(from, to, key, network.clock(), { text, blobs: blobs.map(({ hash: name, size }) => ({ hash: name, size })) });
  const { code } = await call("sendMessage", { token, params: { address: to }, body: envelope.statement });
  if (code !== null) throw new Error(`not delivered: ${code}`);
  return { messageId: envelope.messageId, statement: envelope.statement, blobs };
}

/** An archive and a summary as a server sees them. */
export function archive(): { readonly archive: string; readonly summary: string } {
  return { archive: toB64(randomBytes(ARCHIVE_BYTES)), summary: toB64(randomBytes(80)) };
}

/** The body of an import: the code, then the export as it came. */
export function importBody(code: string | null, exported: Uint8Array): Uint8Array<ArrayBuffer> {
  return concat(utf8(`${JSON.stringify({ code })}\n`), exported) as Uint8Array<ArrayBuffer>;
}

/** The lines of an export. */
export function linesOf(exported: Uint8Array): readonly { readonly kind: string; readonly [member: string]: unknown }[] {
  const text = Buffer.from(exported).toString("utf8");
  return text
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line) as { readonly kind: string });
}

/** An export of those lines, its end set right. */
export function bytesOf(lines: readonly { readonly kind: string }[]): Uint8Array {
  const content = lines.filter(({ kind }) => kind !== "end");
  return utf8([...content, { kind: "end", lines: content.length }].map((line) => `${JSON.stringify(line)}\n`).join(""));
}
