// Which addresses a message may link to, and what has to be said of them.

/** A link that may be followed. */
export interface SafeLink {
  readonly href: string;
  /** Where it really leads, as browsers write it: letters of other scripts that look alike show as what they are. */
  readonly host: string;
}

/** What looks like the name of a host. */
const HOST = /[\p{L}\p{N}](?:[\p{L}\p{N}-]*[\p{L}\p{N}])?(?:\s*\.\s*[\p{L}\p{N}](?:[\p{L}\p{N}-]*[\p{L}\p{N}])?)+/gu;
/** What nobody sees: it would keep a name from being found, and not from being read. Letters that are blank are among it. */
const UNSEEN = /[\p{Cf}\p{Default_Ignorable_Code_Point}\p{M}\u2800]/gu;
/** Signs and letters that are taken for the point in a name, besides those that normalisation makes one. */
const POINTS =
  /[\u00b7\u0387\u0660\u06d4\u06f0\u0701\u0702\u119e\u1427\u16eb\u2022\u2027\u2219\u22c5\u2e31\u2e33\u2e3c\u3002\u30fb\u318d\ua4f8\ua60e\ua78f\u{10101}\u{10a50}\u{1d16d}]/gu;
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
  const seen = asSeen(text);
  if (withoutSlash(seen) === withoutSlash(href)) return false;
  const shown = seen.slice(0, LOOKED_AT);
  // What begins like an address is taken for one, whatever stands in it.
  if (/^https?\s*:/i.test(shown) && safeLink(shown.split(/\s/)[0] ?? "")?.host !== host) return true;
  const isUrl = /^https?:\/\/\S+$/i.test(seen);
  // What isn't looked at may name another one.
  if (seen.length > LOOKED_AT && !isUrl) return true;
  const named = (shown.match(HOST) ?? []).filter(isName);
  if (named.length === 0) return false;
  const [first = ""] = named;
  const real = new URL(href);
  // Where the text is an address itself, its host counts; else every name in it.
  const suspects = isUrl ? [first] : named;
  return suspects.some((each) => {
    const name = each.replaceAll(/\s+/g, "").toLowerCase();
    return name !== host && name !== real.hostname && name !== real.hostname.replace(/^www\./, "") && `www.${real.hostname}` !== name;
  });
}

/** A text as it looks to whoever reads it: on one line, without what can't be seen, each sign that looks like a point as one. */
function asSeen(text: string): string {
  return text.normalize("NFKD").replaceAll(UNSEEN, "").replaceAll(POINTS, ".").replaceAll(/\s+/g, " ").trim();
}

/** Whether names of hosts end like that: numbers with a point in them are none, but for addresses of networks. */
function isName(text: string): boolean {
  const parts = text.split(/\s*\.\s*/);
  return /\p{L}/u.test(parts.at(-1) ?? "") || (parts.length === 4 && parts.every((part) => /^\d{1,3}$/.test(part)));
}

function withoutSlash(text: string): string {
  return text.replace(/\/$/, "").toLowerCase();
}
