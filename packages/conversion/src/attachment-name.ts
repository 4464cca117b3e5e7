import { MAX_ATTACHMENT_NAME_LENGTH, MAX_MEDIA_TYPE_LENGTH } from "@smimp/protocol/limits";

const MEDIA_TYPE = /^[a-z0-9][a-z0-9!#$&^_.+-]*\/[a-z0-9][a-z0-9!#$&^_.+-]*$/;

/** Endings for parts that have a type but no name. */
const ENDINGS: Readonly<Record<string, string>> = {
  "application/ics": ".ics",
  "application/pdf": ".pdf",
  "application/pgp-signature": ".asc",
  "application/pkcs7-mime": ".p7m",
  "application/pkcs7-signature": ".p7s",
  "image/gif": ".gif",
  "image/jpeg": ".jpg",
  "image/png": ".png",
  "message/delivery-status": ".txt",
  "message/rfc822": ".eml",
  "text/calendar": ".ics",
  "text/html": ".html",
  "text/plain": ".txt",
};

/** A name that protocol section 9 takes, of what somebody called a file; one of its own where nothing is left of it. */
export function attachmentNameOf(text: string | null, mediaType: string, number: number): string {
  const name = (text ?? "")
    .toWellFormed()
    .replaceAll("\\", "/")
    .replace(/^.*\//s, "")
    .replace(/[\p{Cc}\u202a-\u202e\u2066-\u2069]/gu, "_")
    .trim();
  if (name === "" || /^\.{1,2}$/.test(name)) return `attachment-${number}${ENDINGS[mediaType] ?? ""}`;
  if (name.length <= MAX_ATTACHMENT_NAME_LENGTH) return name;
  // The ending says what it is.
  const ending = /\.[^.]{1,16}$/s.exec(name)?.[0] ?? "";
  return name.slice(0, MAX_ATTACHMENT_NAME_LENGTH - ending.length).replace(/[\ud800-\udbff]$/, "") + ending.toWellFormed();
}

/** A media type that protocol section 9 takes. */
export function mediaTypeOf(text: string): string {
  const type = text.toLowerCase().trim();
  return type.length <= MAX_MEDIA_TYPE_LENGTH && MEDIA_TYPE.test(type) ? type : "application/octet-stream";
}
