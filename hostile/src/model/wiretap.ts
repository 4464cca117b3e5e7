import type { FetchInit, FetchResponse } from "@smimp/identity";
import { fromB64, keyIdOf, messageIdOf, parseEnvelope, type Address, type Hex32 } from "@smimp/protocol";
import { assure } from "../violation.ts";

/** Listens to everything that servers really answered, whether the client heard it or not. */
export interface Wiretap {
  /** Looks at one exchange and returns its answer, to be read again. */
  listen(url: string, init: FetchInit, response: FetchResponse): Promise<FetchResponse>;
  /** The session token that an address was given last by a server; null where it never logged in there. */
  tokenOf(address: Address, host: string): string | null;
  /** Throws a violation where a single-use key came twice. */
  assure(): void;
}

/** Makes a wiretap that has heard nothing yet. */
export function createWiretap(): Wiretap {
  const issued = new Set<Hex32>();
  const sealedTo = new Map<Hex32, Hex32>();
  const tokens = new Map<string, string>();
  // Not thrown where it is found: that is inside of a request, whose errors clients take for a bad line.
  const faults: string[] = [];

  const keyIssued = (answer: { readonly message_key: { readonly data: string } }): void => {
    const { public_key: publicKey, kind } = JSON.parse(answer.message_key.data) as { public_key: string; kind: string };
    if (kind !== "ephemeral") return;
    const keyId = keyIdOf(fromB64(publicKey));
    if (issued.has(keyId)) faults.push(`single-use key ${keyId} was given out twice`);
    issued.add(keyId);
  };

  const messageAccepted = (statement: { readonly data: string; readonly signature: string }): void => {
    const { key_id: keyId } = parseEnvelope(statement.data);
    const messageId = messageIdOf(statement);
    const before = sealedTo.get(keyId);
    const another = before !== undefined && before !== messageId;
    if (another && issued.has(keyId)) faults.push(`two messages were accepted under single-use key ${keyId}`);
    sealedTo.set(keyId, messageId);
  };

  return {
    listen: async (url, init, response) => {
      const type = response.headers.get("content-type") ?? "";
      if (response.status !== 200 || !type.startsWith("application/json")) return response;
      const pieces: Uint8Array[] = [];
      for await (const piece of response.body ?? []) pieces.push(piece);
      const text = Buffer.concat(pieces).toString("utf8");
      const { host, pathname } = new URL(url);
      if (pathname.endsWith("/get_message_key")) keyIssued(JSON.parse(text));
      if (pathname.includes("/send_message/") && typeof init.body === "string") messageAccepted(JSON.parse(init.body));
      const address = /\/create_session\/([^/]+)$/.exec(pathname)?.[1];
      if (address !== undefined && init.method === "POST") {
        const { authentication_token: token } = JSON.parse(text) as { authentication_token: string };
        tokens.set(`${decodeURIComponent(address)} ${host}`, token);
      }
      return { status: response.status, headers: response.headers, body: once(Buffer.from(text)) };
    },
    tokenOf: (address, host) => tokens.get(`${address} ${host}`) ?? null,
    assure: () => assure(faults.length === 0, faults.join("; ")),
  };
}

async function* once(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield await Promise.resolve(bytes);
}
