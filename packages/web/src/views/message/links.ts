// Which addresses a message may link to, and what has to be said of them.

/** A link that may be followed. */
export interface SafeLink {
  readonly href: string;
  /** Where it really leads, as browsers write it: letters of other scripts that look alike show as what they are. */
  readonly host: string;
}

/** What looks like the name of a host. */
const HOST =
  /[\p{L}\p{N}](?:[\p{L}\p{N}-]*[\p{L}\p{N}])?(?:\s*[.\u3002\uff0e\uff61\u2024]\s*[\p{L}\p{N}](?:[\p{L}\p{N}-]*[\p{L}\p{N}])?)+/gu;
/** Characters of a link's text that are looked at. */
const LOOKED_AT = 300;

/** The link that an address makes; null for everything but http and https, which is shown as the text that it is. */
export function safeLink(address: string): SafeLink | null {
  if (!/^https?:\/\//i.test(address)) return null;
  try {
    const url = new URL(address);
    if ((url.protocol !== "https:" && url.protocol !== "http:") || url.hostname === "") return null;
    // A name before the host is there to be taken for it.
    url.username = "";
    url.password = "";
    return { href: url.href, host: url.host };
  } catch {
    return null;
  }
}

/** Whether a link's text looks like another address than the one that it leads to. */
export function looksElsewhere(text: string, { href, host }: SafeLink): boolean {
  const shown = text.slice(0, LOOKED_AT).trim();
  if (withoutSlash(shown) === withoutSlash(href)) return false;
  const named = (shown.match(HOST) ?? []).filter(isName);
  if (named.length === 0) return false;
  const [first = ""] = named;
  const isUrl = /^https?:\/\/\S+$/i.test(shown);
  const real = new URL(href);
  // Where the text is an address itself, its host counts; else every name in it.
  const suspects = isUrl && safeLink(shown)?.host === host ? [first] : named;
  return suspects.some((each) => {
    const name = each.replaceAll(/\s+/g, "").toLowerCase();
    return name !== host && name !== real.hostname && name !== real.hostname.replace(/^www\./, "") && `www.${real.hostname}` !== name;
  });
}

/** Whether names of hosts end like that: numbers with a point in them are none, but for addresses of networks. */
function isName(text: string): boolean {
  const parts = text.split(/\s*[.\u3002\uff0e\uff61\u2024]\s*/);
  return /\p{L}/u.test(parts.at(-1) ?? "") || (parts.length === 4 && parts.every((part) => /^\d{1,3}$/.test(part)));
}

function withoutSlash(text: string): string {
  return text.replace(/\/$/, "").toLowerCase();
}
