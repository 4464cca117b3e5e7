import { fromBase32, parseBaseUrl, SmimpError, ungroupBase32, type BaseUrl } from "@smimp/protocol";

/** Bytes of an invite's code (protocol section 8: 160 random bits). */
const CODE_BYTES = 20;

/** An invitation: `${baseUrl}join#${code}` (protocol section 8). */
export interface Invite {
  readonly baseUrl: BaseUrl;
  /** 32 base32 characters; null where registration is open. */
  readonly code: string | null;
}

/** Reads an invite link, `${baseUrl}join#CODE`; without a code where registration is open. Throws `bad_request`. */
export function parseInvite(link: string): Invite {
  const [, base, code] = /^(https:\/\/[^#\s]*\/)join(?:#([A-Za-z2-7\s-]*))?$/.exec(link.trim()) ?? [];
  if (base === undefined) throw new SmimpError("bad_request", "an invite link looks like https://smimp.example.com/join#CODE");
  const baseUrl = parseBaseUrl(base);
  if (code === undefined || code === "") return { baseUrl, code: null };
  const plain = ungroupBase32(code);
  fromBase32(plain, CODE_BYTES);
  return { baseUrl, code: plain };
}
