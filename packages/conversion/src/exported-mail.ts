import type { AttachmentToWrite, MailToWrite, PersonToWrite } from "./write-mail.ts";

/** What of a message is exported; names as the client has them. Times are RFC 3339 UTC. */
export interface MessageToExport {
  readonly messageId: string;
  readonly receivedAt: string;
  readonly dateSent: string | null;
  readonly from: string;
  readonly to: readonly string[];
  readonly cc: readonly string[];
  readonly subject: string;
  readonly body: string;
  readonly ref: string | null;
  readonly threadId: string | null;
  readonly inReplyTo: string | null;
  readonly read: boolean;
  readonly starred: boolean;
  readonly labels: readonly string[];
  readonly marks: Readonly<Record<string, boolean>>;
  readonly imported: {
    readonly from: string;
    readonly to: readonly string[];
    readonly cc: readonly string[];
    readonly date: string | null;
    readonly messageId: string | null;
  } | null;
}

/** Stands behind the @ of ids that ordinary mail wants to have: such a domain can't exist. */
const NOWHERE = "smimp.invalid";

/**
 * A message as ordinary mail says it. SMIMP addresses become `alice@alpha.example` there, and stand in `X-SMIMP-From`, `-To` and `-Cc` as
 * they are; imported mail says again what it said where it came from.
 */
export function exportedMail(message: MessageToExport, folder: readonly string[], attachments: readonly AttachmentToWrite[]): MailToWrite {
  const { imported, labels } = message;
  const people = imported ?? message;
  const marks = Object.entries(message.marks).flatMap(([name, yes]) => (yes ? [kebab(name)] : []));
  const optional: readonly (readonly [string, string | null])[] = [
    ["Ref", message.ref],
    ["Thread", message.threadId],
    ["In-Reply-To", message.inReplyTo],
    ["Folder", folder.length === 0 ? null : folder.map((name) => encodeURIComponent(name)).join("/")],
    ["Labels", labels.length === 0 ? null : labels.map((label) => encodeURIComponent(label)).join(",\r\n ")],
    ["Marks", marks.length === 0 ? null : marks.join(", ")],
  ];
  return {
    from: personOf(people.from),
    to: people.to.map(personOf),
    cc: people.cc.map(personOf),
    date: imported?.date ?? message.dateSent ?? message.receivedAt,
    subject: message.subject,
    messageId: idOf(imported?.messageId ?? null) ?? `<${message.ref ?? message.messageId}@${NOWHERE}>`,
    inReplyTo: message.inReplyTo === null ? null : `<${message.inReplyTo}@${NOWHERE}>`,
    extra: { Status: message.read ? "RO" : "O", ...(message.starred ? { "X-Status": "F" } : {}) },
    smimp: {
      Version: "1.0",
      "Message-ID": message.messageId,
      "Received-At": message.receivedAt,
      ...(imported === null ? addressFields(message) : {}),
      ...Object.fromEntries(optional.filter((each): each is [string, string] => each[1] !== null)),
    },
    body: message.body,
    attachments,
  };
}

function addressFields({ from, to, cc }: MessageToExport): Readonly<Record<string, string>> {
  return { From: from, ...(to.length === 0 ? {} : { To: to.join(",\r\n ") }), ...(cc.length === 0 ? {} : { Cc: cc.join(",\r\n ") }) };
}

/** `Bob <bob@example.org>`, or an address alone, or a name alone. */
function personOf(text: string): PersonToWrite {
  const match = /^(.*?)\s*<([^<>]*)>$/s.exec(text);
  if (match !== null) return { name: match[1] ?? "", address: match[2] ?? "" };
  return /[@#]/.test(text) ? { name: "", address: text } : { name: text, address: "" };
}

function idOf(text: string | null): string | null {
  return text !== null && /^<[\x21-\x3b\x3d\x3f-\x7e]{1,900}>$/.test(text) ? text : null;
}

function kebab(name: string): string {
  return name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
}
