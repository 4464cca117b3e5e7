import { hex, utf8 } from "./bytes.ts";
import { base64Stream, encodedText } from "./mime-body.ts";
import { headerName, headerParameter, headerText } from "./mime-words.ts";
import { NO_ADDRESS } from "./mail-headers.ts";

/** An attachment on its way out. */
export interface AttachmentToWrite {
  readonly name: string;
  readonly mediaType: string;
  open(): AsyncIterable<Uint8Array>;
}

/** A person as a header names them: `name <address>`, where `address` may be one of SMIMP or of ordinary mail. */
export interface PersonToWrite {
  readonly name: string;
  readonly address: string;
}

/** A message as ordinary mail. Times are RFC 3339 UTC. */
export interface MailToWrite {
  readonly from: PersonToWrite;
  readonly to: readonly PersonToWrite[];
  readonly cc: readonly PersonToWrite[];
  readonly date: string;
  readonly subject: string;
  /** In angle brackets. */
  readonly messageId: string;
  readonly inReplyTo: string | null;
  /** What only SMIMP knows, as header fields behind `X-SMIMP-`. */
  readonly smimp: Readonly<Record<string, string>>;
  /** Other header fields, e.g. `Status`. */
  readonly extra: Readonly<Record<string, string>>;
  readonly body: string;
  readonly attachments: readonly AttachmentToWrite[];
}

/** A message in the form of RFC 5322 and MIME, piece by piece; lines end with CRLF, unless `lineEnd` says otherwise. */
export async function* writeMail(mail: MailToWrite, lineEnd = "\r\n"): AsyncGenerator<Uint8Array> {
  for await (const piece of piecesOf(mail)) {
    yield utf8(lineEnd === "\r\n" ? piece : piece.replaceAll("\r\n", lineEnd));
  }
}

async function* piecesOf(mail: MailToWrite): AsyncGenerator<string> {
  const { encoding, content } = encodedText(mail.body);
  const text = `Content-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: ${encoding}\r\n\r\n${content}`;
  yield headersOf(mail);
  if (mail.attachments.length === 0) return yield text;
  const boundary = `=_smimp_${hex(crypto.getRandomValues(new Uint8Array(18)))}`;
  yield `Content-Type: multipart/mixed;\r\n boundary="${boundary}"\r\n\r\n--${boundary}\r\n${text}`;
  for (const { name, mediaType, open } of mail.attachments) {
    yield `--${boundary}\r\n${typeField(mediaType)}\r\nContent-Disposition: attachment${headerParameter("filename", name)}\r\n`;
    yield "Content-Transfer-Encoding: base64\r\n\r\n";
    yield* base64Stream(open());
  }
  yield `--${boundary}--\r\n`;
}

// What these types hold must not be in base64 (RFC 2046); as plain bytes with a description it is safe, and comes back.
function typeField(mediaType: string): string {
  if (!/^(?:multipart|message)\//.test(mediaType)) return `Content-Type: ${mediaType}`;
  return `Content-Type: application/octet-stream\r\nContent-Description: ${mediaType}`;
}

function headersOf(mail: MailToWrite): string {
  const fields: [string, string][] = [
    ["From", personField(mail.from)],
    ...peopleField("To", mail.to),
    ...peopleField("Cc", mail.cc),
    ["Date", new Date(mail.date).toUTCString().replace("GMT", "+0000")],
    ["Subject", headerText(mail.subject)],
    ["Message-ID", mail.messageId],
  ];
  if (mail.inReplyTo !== null) fields.push(["In-Reply-To", mail.inReplyTo], ["References", mail.inReplyTo]);
  fields.push(
    ...Object.entries(mail.extra),
    ...Object.entries(mail.smimp).map(([name, value]): [string, string] => [`X-SMIMP-${name}`, value]),
  );
  fields.push(["MIME-Version", "1.0"]);
  return fields.map(([name, value]) => `${name}: ${value}\r\n`).join("");
}

function peopleField(name: string, people: readonly PersonToWrite[]): [string, string][] {
  return people.length === 0 ? [] : [[name, people.map(personField).join(",\r\n ")]];
}

function personField({ name, address }: PersonToWrite): string {
  const ordinary = address.replace("#", "@");
  const mailbox = /^[^\s<>()[\]:;,"\\@\p{Cc}]+@[A-Za-z0-9.-]+$/u.test(ordinary) ? ordinary : NO_ADDRESS;
  const shown = mailbox === NO_ADDRESS && name === "" ? address : name;
  return shown === "" ? mailbox : `${headerName(shown)} <${mailbox}>`;
}

/** The line that begins a mail in an mbox file; `time` is RFC 3339. */
export function mboxLine(time: string): string {
  const [day = "", date = "", month = "", year = "", clock = ""] = new Date(time).toUTCString().replace(",", "").split(" ");
  return `From MAILER-DAEMON ${day} ${month} ${date} ${clock} ${year}\n`;
}
