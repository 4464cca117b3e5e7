import { ENDPOINTS, type EndpointName } from "@smimp/protocol";
import type { Tree } from "../input/tree.ts";

/** Signs the text of a statement anew, so that what is wrong in it is reached. */
export interface Signer {
  /** Where the statement stands in the body. */
  readonly path: readonly (string | number)[];
  /** The members of the statement beside `data`. */
  sign(data: string): Readonly<Record<string, string>>;
}

/** A request by its parts, before it becomes bytes. */
export interface Draft {
  readonly endpoint: EndpointName;
  /** Values of the path's `{names}`, not encoded. */
  readonly params: Readonly<Record<string, string>>;
  readonly query: Readonly<Record<string, string>>;
  readonly headers: readonly (readonly [name: string, value: string])[];
  /** A JSON body, or bytes, or none. */
  readonly json: Tree | null;
  readonly bytes: Uint8Array | null;
  readonly signers: readonly Signer[];
}

/** A request as it goes on the wire. Texts are Latin-1: one byte a character. */
export interface WireRequest {
  readonly method: string;
  readonly target: string;
  readonly headers: readonly (readonly [name: string, value: string])[];
  readonly body: Uint8Array;
  /** How the body's end is told. */
  readonly framing: "length" | "chunked" | "none";
}

/** Percent-encodes every byte that isn't plain, whatever the text holds. */
export function percentEncode(text: string): string {
  return [...Buffer.from(text, "utf8")]
    .map((byte) =>
      /[A-Za-z0-9_.~-]/.test(String.fromCharCode(byte)) ? String.fromCharCode(byte) : `%${byte.toString(16).padStart(2, "0")}`,
    )
    .join("");
}

/** The path of an endpoint as a client asks for it. */
export function targetOf({ endpoint, params, query }: Pick<Draft, "endpoint" | "params" | "query">): string {
  const path = ENDPOINTS[endpoint].path.replace(/\{(\w+)\}/g, (_all, name: string) => percentEncode(params[name] ?? ""));
  const pairs = Object.entries(query).map(([name, value]) => `${percentEncode(name)}=${percentEncode(value)}`);
  return `${endpoint === "getVersion" ? "/" : "/1.0/"}${path}${pairs.length === 0 ? "" : `?${pairs.join("&")}`}`;
}

/** The bytes of a request in HTTP/1.1, to a host. */
export function encodeHttp1(request: WireRequest, host: string): Uint8Array {
  const { method, target, headers, body, framing } = request;
  const framed: readonly (readonly [string, string])[] =
    framing === "length" && (body.length > 0 || method === "POST" || method === "PUT")
      ? [["content-length", String(body.length)]]
      : framing === "chunked"
        ? [["transfer-encoding", "chunked"]]
        : [];
  const lines = [["host", host] as const, ...headers, ...framed].map(([name, value]) => `${name}: ${value}\r\n`).join("");
  const head = Buffer.from(`${method} ${target} HTTP/1.1\r\n${lines}\r\n`, "latin1");
  return Buffer.concat(framing === "chunked" ? [head, ...inChunks(body)] : [head, body]);
}

function inChunks(body: Uint8Array): readonly Uint8Array[] {
  const half = Math.ceil(body.length / 2);
  const parts = [body.subarray(0, half), body.subarray(half)].filter((part) => part.length > 0);
  return [
    ...parts.flatMap((part) => [Buffer.from(`${part.length.toString(16)}\r\n`), part, Buffer.from("\r\n")]),
    Buffer.from("0\r\n\r\n"),
  ];
}
