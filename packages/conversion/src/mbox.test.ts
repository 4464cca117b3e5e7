import { describe, expect, it } from "vitest";
import { readMbox } from "./mbox.ts";
import { isMail, MAX_MAIL_BYTES, type Found } from "./raw-mail.ts";

async function found(content: string | Uint8Array, onRead: (bytes: number) => void = () => undefined): Promise<readonly Found[]> {
  const bytes = typeof content === "string" ? Buffer.from(content) : content;
  const read = async (position: number, length: number): Promise<Uint8Array> => {
    const part = bytes.subarray(position, position + length);
    onRead(part.length);
    return part;
  };
  const source = { size: bytes.length, read };
  const all: Found[] = [];
  for await (const each of readMbox(source, "mail.mbox")) all.push(each);
  return all;
}

async function mailsOf(content: string | Uint8Array): Promise<readonly string[]> {
  return (await found(content)).map((each) => (isMail(each) ? Buffer.from(each.bytes).toString() : each.reason));
}

const FROM = "From alice@example.org Mon Jan  5 10:00:00 2026\n";
const mail = (subject: string, body: string): string => `Subject: ${subject}\n\n${body}`;

describe("an mbox file", () => {
  it("holds mails one behind the other, with either kind of line end", async () => {
    const text = `${FROM}${mail("1", "one\n")}\n${FROM}${mail("2", "two\n")}\n`;
    expect(await mailsOf(text)).toEqual([mail("1", "one\n"), mail("2", "two\n")]);
    expect(await mailsOf(text.replaceAll("\n", "\r\n"))).toEqual(
      [mail("1", "one\n"), mail("2", "two\n")].map((each) => each.replaceAll("\n", "\r\n")),
    );
    expect(await mailsOf("")).toEqual([]);
  });

  it("tells when each came", async () => {
    const lines = [
      "From MAILER-DAEMON Fri Jul  8 12:08:34 2011",
      "From - Mon Jan 05 10:00:00 2026",
      "From 1793@xxx Mon Jan 05 10:00:00 +0100 2026",
      "From alice@example.org Mon, 5 Jan 2026 10:00:00 GMT",
      "From nobody at 10:00 in 2026",
    ];
    const all = await found(lines.map((line) => `${line}\nSubject: x\n\nx\n\n`).join(""));
    expect(all.map((each) => (isMail(each) ? each.receivedAt : each))).toEqual(
      [Date.UTC(2011, 6, 8, 12, 8, 34), Date.UTC(2026, 0, 5, 10), Date.UTC(2026, 0, 5, 9), Date.UTC(2026, 0, 5, 10), null].map((time) =>
        time === null ? null : time / 1000,
      ),
    );
  });

  it("mboxo and mboxrd: quoted lines are as they were, and what only looks like a beginning is none", async () => {
    const body = [
      ">From the start",
      ">>From deeper",
      "> From is not quoted",
      "From here on nothing is a mail, 2026",
      "From alice@example.org Mon Jan  5 10:00:00 2026",
      "behind which no header stands",
      "",
      "From then on, 10:00 in 2026",
      "no header either",
      "",
    ].join("\n");
    expect(await mailsOf(`${FROM}${mail("1", body)}\n${FROM}${mail("2", "x\n")}`)).toEqual([
      mail("1", body.replace(">From the", "From the").replace(">>From", ">From")),
      mail("2", "x\n"),
    ]);
  });

  it("mboxcl: a length counts where it fits, and quoted lines are as they were", async () => {
    const body = ">From here\nto there\n";
    const head = `Subject: 1\nContent-Length: ${body.length}\n\n`;
    expect(await mailsOf(`${FROM}${head}${body}\n${FROM}${mail("2", "x\n")}`)).toEqual([`${head}From here\nto there\n`, mail("2", "x\n")]);
    const wrong = `Subject: 1\nContent-Length: 5\n\n`;
    expect(await mailsOf(`${FROM}${wrong}${body}\n${FROM}${mail("2", "x\n")}`)).toEqual([
      `${wrong}From here\nto there\n`,
      mail("2", "x\n"),
    ]);
    const far = `Subject: 1\nContent-Length: 999999999999\n\n`;
    expect(await mailsOf(`${FROM}${far}x\n`)).toEqual([`${far}x\n`]);
  });

  it("mboxcl2: nothing is quoted", async () => {
    const body = `>From here\n${FROM}Subject: forwarded\n\nand on\n\n`;
    const head = `Subject: 1\ncontent-length:  ${body.length}\n\n`;
    expect(await mailsOf(`${FROM}${head}${body}${FROM}${mail("2", "x\n")}`)).toEqual([head + body, mail("2", "x\n")]);
  });

  it("may be cut off anywhere", async () => {
    const text = `${FROM}${mail("1", "one\n")}\n${FROM}${mail("2", "two\n")}\n`;
    for (let end = 1; end < text.length; end++) {
      const mails = await mailsOf(text.slice(0, end));
      expect(mails.length).toBeLessThanOrEqual(2);
      if (end > FROM.length * 2 + 40) expect(mails[0]).toBe(mail("1", "one\n"));
    }
    expect(await mailsOf("From ")).toEqual([]);
    expect(await mailsOf("no mbox at all")).toEqual(["no mbox at all"]);
  });

  it("is read across the borders of what is read at once", async () => {
    const filler = (length: number): string => `${"x".repeat(99)}\n`.repeat(Math.ceil(length / 100)).slice(-length);
    const borders = [4, 12, 28, 60, 124, 188, 252, 256, 1024].map((kibibytes) => kibibytes * 1024);
    const arounds = Array.from({ length: 70 }, (_, index) => index - 60);
    for (const [border, around] of borders.flatMap((each) => arounds.map((around) => [each, around] as const))) {
      const first = mail("1", filler(border + around));
      const mails = await mailsOf(`${FROM}${first}\n${FROM}${mail("2", "two\n")}`);
      expect([border, around, mails.length, mails[0]?.length, mails[1]]).toEqual([border, around, 2, first.length, mail("2", "two\n")]);
    }
  });

  it.each([
    ["many small mails", 2_000, 300, ""],
    ["mails as most are", 200, 10_000, ""],
    ["mails with a length that is wrong", 200, 10_000, "Content-Length: 7\n"],
    ["mails with a length that leads far ahead", 200, 10_000, "Content-Length: 900000\n"],
    ["long headers", 20, 100_000, `X-Trace: ${"hop, ".repeat(10_000)}\n`],
    ["large mails", 3, 3_000_000, ""],
  ])("is read a few times at the most: %s", async (_, count, length, headers) => {
    const body = `${"x".repeat(74)}\n`.repeat(Math.ceil(length / 75)).slice(-length);
    const content = `${FROM}${headers}${mail("1", body)}\n`.repeat(count);
    let bytesRead = 0;
    expect(await found(content, (bytes) => (bytesRead += bytes))).toHaveLength(count);
    expect(bytesRead / content.length).toBeLessThan(4);
  });

  it("leaves out what is larger than any mail, and goes on behind it", async () => {
    const large = Buffer.alloc(MAX_MAIL_BYTES + 1, "line of a large mail\n");
    const content = Buffer.concat([Buffer.from(`${FROM}Subject: large\n\n`), large, Buffer.from(`\n\n${FROM}${mail("2", "two\n")}`)]);
    expect(await mailsOf(content)).toEqual(["too_large", mail("2", "two\n")]);
  });
});
