import { afterEach, expect, it } from "vitest";
import type { Converter } from "@smimp/conversion";
import { startConverter } from "./converter.ts";

const open: Converter[] = [];
const started = (options?: Parameters<typeof startConverter>[0]): Converter => {
  const converter = startConverter(options);
  open.push(converter);
  return converter;
};
afterEach(async () => {
  for (const converter of open.splice(0)) await converter.close();
});

const mail = (body: string): Buffer => Buffer.from(`From: a@example.org\nContent-Type: text/html\n\n${body}`);
/** Few enough tags to be taken apart, in the order that takes longest. */
const SLOW = "<li>x".repeat(29_000);

it("takes mails apart, and says of others why not", async () => {
  const converter = started();
  expect(await converter.convert(mail("<p>One"))).toMatchObject({ mail: { body: "One", imported: { from: "a@example.org" } } });
  expect(await converter.convert(Buffer.from("no mail"))).toEqual({ reason: "not_mail" });
  const nested = Array.from({ length: 500 }, (_, n) => `Content-Type: multipart/mixed; boundary=b${n}\n\n--b${n}\n`).join("");
  expect(await converter.convert(Buffer.from(`From: a@b\n${nested}`))).toEqual({ reason: "not_convertible" });
  expect(await converter.convert(mail("<p>Two"))).toMatchObject({ mail: { body: "Two" } });
});

it("goes on when one takes too long", async () => {
  const converter = started({ patience: 4_000 });
  await converter.convert(mail("warm"));
  const slow = await converter.convert(mail(SLOW));
  expect(slow).toMatchObject({ mail: { body: expect.stringMatching(/x/) as string } });
  // No time at all, for one that nothing takes apart at once.
  const hopeless = started({ patience: -1e6 });
  expect(await hopeless.convert(mail("<li>x".repeat(2_000_000)))).toEqual({ reason: "not_convertible" });
  expect(await converter.convert(mail("<p>Two"))).toMatchObject({ mail: { body: "Two" } });
});

it("takes long texts of short lines apart", async () => {
  const bytes = Buffer.concat([Buffer.from("From: a@b\n\n"), Buffer.alloc(6_000_000, "line\n")]);
  expect(await started().convert(bytes)).toMatchObject({ mail: { attachments: [{ name: "message.md" }] } });
});
