import { parseDomain, type Domain } from "./address.ts";
import type { Brand } from "./brand.ts";
import { fromUtf8 } from "./bytes.ts";
import { SmimpError } from "./problem.ts";

/** Where a server's endpoints are, e.g. `https://smimp.example.com/` (protocol section 2). */
export type BaseUrl = Brand<string, "BaseUrl">;

/** Bytes of the largest smimp.txt (protocol section 2). */
export const MAX_WELL_KNOWN_BYTES = 4_096;

/** Characters of the longest base URL: more never fits a record anyway. */
export const MAX_BASE_URL_LENGTH = 2_048;

const FORM = /^https:\/\/([^/:]+)(?::([1-9][0-9]{0,4}))?(\/(?:[A-Za-z0-9\-._~!$&'()*+,;=:@]+\/)*)$/;

/** Parses a base URL, which must be in normal form. Throws `bad_request`. */
export function parseBaseUrl(text: unknown): BaseUrl {
  const match = typeof text === "string" && text.length <= MAX_BASE_URL_LENGTH ? FORM.exec(text) : null;
  const [, host, port, path] = match ?? [];
  if (host === undefined || path === undefined || !isNormalDomain(host)) throw badBaseUrl();
  if (port !== undefined && (Number(port) > 65_535 || port === "443")) throw badBaseUrl();
  if (path.split("/").some((segment) => segment === "." || segment === "..")) throw badBaseUrl();
  return text as BaseUrl;
}

/** The host of a base URL, without port. */
export function hostOf(url: BaseUrl): Domain {
  return new RegExp(FORM).exec(url)?.[1] as Domain;
}

/**
 * Reads the body of `smimp.txt`: the first line that is neither empty nor a comment names a host or an `https` URL
 * (protocol section 2). Throws `insecure_transport` for `http:`, `unknown_user` for a body that names no server.
 */
export function parseWellKnown(body: Uint8Array): BaseUrl {
  if (body.length > MAX_WELL_KNOWN_BYTES) throw noServer();
  let text: string;
  try {
    text = fromUtf8(body);
  } catch (cause) {
    throw noServer(cause);
  }
  const line = text
    .replace(/^\ufeff/, "")
    .split(/\r\n|\r|\n/)
    .map((each) => each.trim())
    .find((each) => each !== "" && !each.startsWith("#"));
  if (line === undefined) throw noServer();
  if (/^http:/i.test(line)) throw new SmimpError("insecure_transport", "smimp.txt names a server without encryption");
  const rest = /^https:\/\//i.test(line) ? line.slice("https://".length) : line;
  const [authority, path] = cutBefore(rest, "/");
  const [host, port] = cutBefore(authority, ":");
  // The host is lowered as ASCII only: nothing that merely looks like a host may become one.
  if (!/^[A-Za-z0-9.-]+$/.test(host)) throw noServer();
  const slash = path.endsWith("/") ? "" : "/";
  try {
    return parseBaseUrl(`https://${host.toLowerCase()}${port === ":443" ? "" : port}${path}${slash}`);
  } catch (cause) {
    throw noServer(cause);
  }
}

/** What stands before a character, and the rest from it on. */
function cutBefore(text: string, character: string): readonly [before: string, rest: string] {
  const at = `${text}${character}`.indexOf(character);
  return [text.slice(0, at), text.slice(at)];
}

function isNormalDomain(host: string): boolean {
  try {
    return parseDomain(host) === host;
  } catch {
    return false;
  }
}

function badBaseUrl(): SmimpError {
  return new SmimpError("bad_request", "not a base URL like https://smimp.example.com/");
}

function noServer(cause?: unknown): SmimpError {
  return new SmimpError("unknown_user", "smimp.txt names no server", { cause });
}
