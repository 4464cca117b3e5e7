import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { parseMail } from "./parse-mail.ts";
import { writeMail, type MailToWrite } from "./write-mail.ts";

// What is exported comes back as it was.

const printable = fc.string({ unit: "grapheme", maxLength: 80 });
const oneLine = printable.map((text) => text.replace(/[\p{Cc}\u2028\u2029]/gu, " ").replace(/=\?/g, "= ?"));
const trimmed = oneLine.map((text) => text.replace(/\s+/gu, " ").trim());
const address = fc
  .tuple(fc.stringMatching(/^[a-z0-9]{1,20}$/), fc.constantFrom("alpha.example", "beta.example"))
  .map((parts) => parts.join("#"));
const person = fc.record({ name: trimmed, address });
const second = fc.integer({ min: 0, max: 4_000_000_000 }).map((value) => `${new Date(value * 1000).toISOString().slice(0, 19)}Z`);
const fileName = trimmed
  .map((text) => text.replace(/[/\\\u202a-\u202e\u2066-\u2069]/g, "_").trim())
  .filter((text) => text !== "" && !/^\.{1,2}$/.test(text));
const attachment = fc.record({
  name: fileName,
  mediaType: fc.constantFrom("text/plain", "text/html", "image/png", "application/octet-stream", "message/rfc822", "multipart/mixed-not"),
  content: fc.uint8Array({ maxLength: 400 }),
});
const line = fc.oneof(
  printable,
  fc.constantFrom("From here", ">From there", ".", "", " ", "trailing  ", "=3D", "--", "\t", "-- ", "x".repeat(300), "ä".repeat(100)),
);
const body = fc.array(line, { maxLength: 12 }).map((lines) => lines.map((each) => each.replace(/[\p{Cc}--\t]/gv, "")).join("\n"));

const mail = fc.record({
  from: person,
  to: fc.array(person, { maxLength: 4 }),
  cc: fc.array(person, { maxLength: 2 }),
  date: second,
  subject: oneLine,
  body,
  attachments: fc.array(attachment, { maxLength: 3 }),
});

const text = ({ name, address }: MailToWrite["from"]): string => (name === "" ? address : `${name} <${address}>`);

function toWrite(each: typeof mail extends fc.Arbitrary<infer Value> ? Value : never): MailToWrite {
  const list = (people: readonly MailToWrite["from"][]): string => people.map((one) => one.address).join(", ");
  return {
    ...each,
    messageId: "<ref@smimp.invalid>",
    inReplyTo: "<above@smimp.invalid>",
    smimp: { From: each.from.address, To: list(each.to), Cc: list(each.cc), "Received-At": each.date },
    extra: { Status: "RO" },
    attachments: each.attachments.map(({ name, mediaType, content }) => ({
      name,
      mediaType,
      open: async function* () {
        for (let at = 0; at < content.length; at += 100) yield content.subarray(at, at + 100);
      },
    })),
  };
}

async function bytesOf(pieces: AsyncIterable<Uint8Array>): Promise<Buffer> {
  const all: Uint8Array[] = [];
  for await (const piece of pieces) all.push(piece);
  return Buffer.concat(all);
}

describe("a message that is exported", () => {
  it.each(["\r\n", "\n"])("comes back with text, names, dates and attachments (line end %j)", async (lineEnd) => {
    await fc.assert(
      fc.asyncProperty(mail, async (each) => {
        const bytes = await bytesOf(writeMail(toWrite(each), lineEnd));
        for (const each of bytes.toString("latin1").split(lineEnd)) {
          expect(each.length).toBeLessThanOrEqual(998);
          expect(each).toMatch(/^[\t\x20-\x7e]*$/);
          expect(each).not.toMatch(/^From /);
        }
        const parsed = await parseMail(bytes);
        expect(parsed).toMatchObject({
          imported: {
            from: text(each.from),
            to: each.to.map(text),
            cc: each.cc.map(text),
            date: each.date,
            messageId: "<ref@smimp.invalid>",
          },
          subject: each.subject,
          body: each.body,
          receivedAt: each.date,
          read: true,
          thread: "<above@smimp.invalid>",
        });
        expect(parsed.attachments.map(({ name, mediaType }) => [name, mediaType])).toEqual(
          each.attachments.map(({ name, mediaType }) => [name, mediaType]),
        );
        for (const [index, { content }] of parsed.attachments.entries()) {
          expect(Buffer.from(content).equals(each.attachments[index]?.content ?? new Uint8Array())).toBe(true);
        }
      }),
      { numRuns: 400 },
    );
  });
});
