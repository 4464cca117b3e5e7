import { describe, expect, it } from "vitest";
import { markdownOf } from "./html-to-markdown.ts";
import { NotMailError, parseMail } from "./parse-mail.ts";

const lines = (...text: readonly string[]): Buffer => Buffer.from(text.join("\r\n"), "latin1");
const HEAD = [
  "From: Bob <bob@example.org>",
  "To: alice@example.com",
  "Date: Mon, 5 Jan 2026 10:00:00 +0100",
  "Message-ID: <1@example.org>",
];

describe("a mail from elsewhere", () => {
  it("says whom it is from and for, when it was written and when it came", async () => {
    const mail = await parseMail(
      lines(
        "Received: from a by b; Mon, 5 Jan 2026 09:00:30 +0000 (UTC)",
        "Received: from c by a; Mon, 5 Jan 2026 09:00:10 +0000",
        ...HEAD,
        'Cc: Team: Carol <carol@example.org>, dave@example.org;, "E, F" <ef@example.org>',
        "Subject: Hello",
        "References: <root@example.org> <0@example.org>",
        "In-Reply-To: <0@example.org>",
        "",
        "Hi",
        "",
      ),
    );
    expect(mail).toMatchObject({
      imported: {
        from: "Bob <bob@example.org>",
        to: ["alice@example.com"],
        cc: ["Carol <carol@example.org>", "dave@example.org", "E, F <ef@example.org>"],
        date: "2026-01-05T09:00:00Z",
        messageId: "<1@example.org>",
      },
      subject: "Hello",
      body: "Hi\n",
      attachments: [],
      read: null,
      receivedAt: "2026-01-05T09:00:30Z",
      thread: "<root@example.org>",
    });
  });

  it.each([
    ["utf-8", "8bit", Buffer.from("Grüße €", "utf8").toString("latin1"), "Grüße €"],
    ["iso-8859-1", "quoted-printable", "Gr=FC=DFe =A4", "Grüße ¤"],
    ["iso-8859-15", "quoted-printable", "Gr=FC=DFe =A4", "Grüße €"],
    ["windows-1252", "8bit", "Gr\xfc\xdfe \x80", "Grüße €"],
    ["koi8-r", "base64", "8NLJ18XU", "Привет"],
    ["iso-2022-jp", "7bit", "\x1b$B$3$s$K$A$O\x1b(B", "こんにちは"],
    ["gb18030", "base64", "xOO6ww==", "你好"],
    ["euc-kr", "base64", "vsiz5w==", "안녕"],
    ["no-such-charset", "8bit", "Gr\xfc\xdfe", "Grüße"],
  ])("in %s (%s) is read", async (charset, encoding, body, expected) => {
    const mail = await parseMail(
      lines(...HEAD, `Content-Type: text/plain; charset="${charset}"`, `Content-Transfer-Encoding: ${encoding}`, "", body, ""),
    );
    expect(mail.body.trim()).toBe(expected);
  });

  it.each([
    ["=?iso-8859-1?Q?Gr=FC=DFe?= =?utf-8?B?4oKs?=", "Grüße€"],
    ["=?UTF-8?Q?a_b?= and c", "a b and c"],
    ["Gr\xfc\xdfe", "Grüße"],
    [Buffer.from("Grüße", "utf8").toString("latin1"), "Grüße"],
    ["=?utf-8?B?broken", "=?utf-8?B?broken"],
    ["a\0b\x07c", "a b c"],
  ])("has a subject %j", async (header, expected) => {
    expect((await parseMail(lines(...HEAD, `Subject: ${header}`, "", "x"))).subject).toBe(expected);
  });

  it("may have parts within parts: text counts before HTML, files are attached", async () => {
    const mail = await parseMail(
      lines(
        ...HEAD,
        "Content-Type: multipart/mixed; boundary=outer",
        "",
        "--outer",
        "Content-Type: multipart/related; boundary=middle",
        "",
        "--middle",
        "Content-Type: multipart/alternative; boundary=inner",
        "",
        "--inner",
        "Content-Type: text/plain; format=flowed",
        "",
        "One line ",
        "that goes on",
        "--inner",
        "Content-Type: text/html",
        "",
        "<p>One line that goes on</p>",
        "--inner--",
        "--middle",
        'Content-Type: image/png; name="../../logo.png"',
        "Content-ID: <logo>",
        "Content-Transfer-Encoding: base64",
        "",
        "iVBORw0KGgo=",
        "--middle--",
        "--outer",
        "Content-Type: application/pdf",
        "Content-Disposition: attachment; filename*0*=UTF-8''%C3%9Cber; filename*1=\"sicht.pdf\"",
        "",
        "%PDF",
        "--outer",
        "Content-Type: message/rfc822",
        "",
        "From: carol@example.org",
        "Subject: inner",
        "",
        "inner",
        "--outer",
        "Content-Type: text/calendar; method=REQUEST",
        "",
        "BEGIN:VCALENDAR",
        "--outer--",
      ),
    );
    expect(mail.body.trim()).toBe("One line that goes on");
    expect(mail.attachments.map(({ name, mediaType }) => [name, mediaType])).toEqual([
      ["logo.png", "image/png"],
      ["Übersicht.pdf", "application/pdf"],
      ["attachment-3.eml", "message/rfc822"],
      ["attachment-4.ics", "text/calendar"],
    ]);
    expect(Buffer.from(mail.attachments[2]?.content ?? []).toString()).toContain("Subject: inner");
  });

  it("that is HTML alone becomes text that is still to be read", async () => {
    const html =
      '<html><head><title>T</title><style>p { color: red }</style></head><body><div style="display:none">preview</div><h1>Offer</h1>' +
      '<p>For <b>you</b> &amp; <i>me</i>: <a href="https://example.org/a?b=1">here</a>, not <a href="javascript:alert(1)">there</a>.</p>' +
      '<ul><li>one</li><li>two</li></ul><img src="https://example.org/spy.gif"><img src="cid:x" alt="Logo"><script>alert(1)</script></body></html>';
    const mail = await parseMail(lines(...HEAD, "Content-Type: text/html; charset=utf-8", "", html));
    expect(mail.body).toBe("# Offer\n\nFor **you** & *me*: [here](https://example.org/a?b=1), not there.\n\n-   one\n-   two\n\n[Logo]");
    expect((await parseMail(lines(...HEAD, "Content-Type: text/html", "", html), { strip: true })).body).toContain("Offer");
  });

  it.each([
    ["Status: RO", true],
    ["Status: O", false],
    ["X-Mozilla-Status: 0001", true],
    ["X-Mozilla-Status: 0000", false],
    ["X-Gmail-Labels: Inbox,Unread", false],
    ["X-Gmail-Labels: Inbox", true],
    ["X-Other: 1", null],
  ])("with %s is read: %j", async (header, expected) => {
    expect((await parseMail(lines(...HEAD, header, "", "x"))).read).toBe(expected);
  });

  it("has the same key wherever it lies, and another than any other mail", async () => {
    const key = async (...text: readonly string[]): Promise<string> => (await parseMail(lines(...text))).key;
    const first = await key(...HEAD, "", "Hi", "there");
    expect(await key("Status: RO", "X-Mozilla-Status: 0001", ...HEAD, "", "Hi", "there", "", "")).toBe(first);
    expect((await parseMail(Buffer.from([...HEAD, "", "Hi", "there", ""].join("\n")))).key).toBe(first);
    expect(await key(...HEAD, "", "Hi", "You")).not.toBe(first);
    expect(await key(...HEAD.slice(0, 3), "Message-ID: <2@example.org>", "", "Hi", "there")).not.toBe(first);
    const without = await key(...HEAD.slice(0, 3), "", "Hi");
    expect(await key(...HEAD.slice(0, 2), "Date: Mon, 5 Jan 2026 10:00:01 +0100", "", "Hi")).not.toBe(without);
  });

  it("without what a mail should have is taken all the same", async () => {
    expect(await parseMail(lines("Subject: x", "", ""))).toMatchObject({
      imported: { from: "", to: [], cc: [], date: null, messageId: null },
      subject: "x",
      body: "",
      receivedAt: null,
      thread: null,
    });
    expect((await parseMail(lines("Date: yesterday", "Subject: x"))).imported.date).toBeNull();
    expect((await parseMail(lines("Date: Thu, 1 Jan 1900 00:00:00 +0000", "Subject: x"))).imported.date).toBeNull();
    await expect(parseMail(lines("just a text", "", "of somebody"))).rejects.toBeInstanceOf(NotMailError);
    await expect(parseMail(Buffer.alloc(0))).rejects.toBeInstanceOf(NotMailError);
  });

  it("can be kept as it came, besides", async () => {
    const bytes = lines(...HEAD, "", "Hi");
    const { attachments } = await parseMail(bytes, { keepOriginal: true });
    expect(attachments).toMatchObject([{ name: "original.eml", mediaType: "message/rfc822" }]);
    expect(Buffer.from(attachments[0]?.content ?? []).equals(bytes)).toBe(true);
  });
});

describe("a mail that is made to do harm", () => {
  const nested = (depth: number): Buffer =>
    lines(
      ...HEAD,
      ...Array.from({ length: depth }, (_, level) => [`Content-Type: multipart/mixed; boundary=b${level}`, "", `--b${level}`]).flat(),
      "Content-Type: text/plain",
      "",
      "x",
    );

  it("may not nest parts without end, nor mails in mails", async () => {
    expect((await parseMail(nested(60))).body.trim()).toBe("x");
    await expect(parseMail(nested(70))).rejects.toThrow();
    await expect(parseMail(nested(5_000))).rejects.toThrow();
    const mails = lines(...HEAD, ...Array.from({ length: 5_000 }, () => ["Content-Type: message/rfc822", ""]).flat(), "x");
    expect((await parseMail(mails)).attachments).toHaveLength(1);
  });

  it("may not flood with headers, recipients or parts", async () => {
    await expect(
      parseMail(lines(...HEAD, ...Array.from({ length: 100_000 }, (_, n) => `X-${n}: ${"y".repeat(20)}`), "", "x")),
    ).rejects.toThrow();
    const many = await parseMail(
      lines("From: a@b", `To: ${Array.from({ length: 20_000 }, (_, n) => `p${n}@example.org`).join(", ")}`, "", "x"),
    );
    expect(many.imported.to).toHaveLength(1_000);
    const long = await parseMail(
      lines(`From: "${"n".repeat(50_000)}" <a@b>`, `Subject: ${"s".repeat(50_000)}`, `Message-ID: <${"i".repeat(50_000)}>`, "", "x"),
    );
    expect([long.imported.from.length <= 998, long.subject.length, (long.imported.messageId ?? "").length <= 998]).toEqual([
      true,
      1_024,
      true,
    ]);
    const parts = Array.from({ length: 500 }, (_, n) => [
      "--b",
      `Content-Type: text/x-${n}`,
      "Content-Disposition: attachment",
      "",
      "x",
    ]).flat();
    const { attachments } = await parseMail(lines(...HEAD, "Content-Type: multipart/mixed; boundary=b", "", ...parts, "--b--"));
    expect([attachments.length, attachments.at(-1)?.name]).toEqual([64, "original.eml"]);
  });

  it("may hold NULs, any bytes, and a body of any length", async () => {
    const bytes = Buffer.concat([lines(...HEAD, "", ""), Buffer.from(Array.from({ length: 4_096 }, (_, n) => n % 256))]);
    const { body } = await parseMail(bytes);
    expect(body).not.toMatch(/[\p{Cc}--[\n\t]]/v);
    expect(body.isWellFormed()).toBe(true);
    await expect(parseMail(Buffer.concat([lines(...HEAD, "", ""), Buffer.alloc(2_000_000, "\n")]))).rejects.toThrow();
    const large = await parseMail(Buffer.concat([lines(...HEAD, "", ""), Buffer.alloc(1_000_000, "words of it\n")]));
    expect([large.body.length, large.attachments[0]?.name, large.attachments[0]?.content.length]).toEqual([
      400_000,
      "message.md",
      1_000_001,
    ]);
  });

  it.each([
    ["deep", "<div>".repeat(200_000)],
    ["deep and wrong", "<b><p><i>".repeat(50_000)],
    ["wide", "<li>x".repeat(400_000)],
    ["of attributes", `<p ${Array.from({ length: 200_000 }, (_, n) => `a${n}=1`).join(" ")}>`],
    ["of spaces", `<p>${" ".repeat(1_000_000)}x`],
    ["of brackets", "<".repeat(2_000_000)],
    ["of entities", "&nbsp;&#x1F600;".repeat(100_000)],
    ["of images", `<img src="data:image/png;base64,${"A".repeat(1_000_000)}">x`],
  ])("may not exhaust with HTML that is %s", (_what, html) => {
    expect(markdownOf(html).length).toBeLessThanOrEqual(3_000_000);
  });
});
