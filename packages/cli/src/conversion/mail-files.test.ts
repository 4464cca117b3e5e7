import { mkdir, mkdtemp, rm, symlink, utimes, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join, relative } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { isMail } from "@smimp/conversion";
import { extentOf, mailsAt } from "./mail-files.ts";

let folder = "";
beforeEach(async () => (folder = await mkdtemp(join(tmpdir(), "smimp-files-"))));
afterEach(async () => await rm(folder, { recursive: true, force: true }));

async function put(path: string, text: string): Promise<string> {
  const file = join(folder, path);
  await mkdir(dirname(file), { recursive: true });
  await writeFile(file, text);
  return file;
}

/** What is found: where, subject or reason, whether it is read, and its folder. */
async function found(place = folder): Promise<readonly (readonly unknown[])[]> {
  const all: (readonly unknown[])[] = [];
  for await (const each of mailsAt(place)) {
    const where = relative(folder, each.place);
    if (!isMail(each)) all.push([where, each.reason]);
    else all.push([where, /subject: (.*)/i.exec(Buffer.from(each.bytes).toString())?.[1], each.read, each.folder.join("/")]);
  }
  return all;
}

const mail = (subject: string): string => `From: a@example.org\nSubject: ${subject}\n\nx\n`;
const FROM = "From a@example.org Mon Jan  5 10:00:00 2026\n";

it("a Maildir's mails are found with their flags and folders, what is being delivered is not", async () => {
  await put("cur/1767600000.1.host:2,S", mail("seen"));
  await put("cur/1767600000.2.host:2,RF", mail("flagged"));
  await put("new/1767600001.3.host", mail("new"));
  await put("tmp/1767600002.4.host", mail("half"));
  await put("dovecot.index", "index");
  await put(".Archive.2025/cur/1767600003.5.host:2,PS", mail("archived"));
  await mkdir(join(folder, ".Archive.2025/new"));
  expect(await found()).toEqual([
    [".Archive.2025/cur/1767600003.5.host:2,PS", "archived", true, "Archive/2025"],
    ["cur/1767600000.1.host:2,S", "seen", true, ""],
    ["cur/1767600000.2.host:2,RF", "flagged", false, ""],
    ["new/1767600001.3.host", "new", false, ""],
  ]);
});

it("files of one mail and of many are found, other files and links are not followed", async () => {
  await put("a.eml", mail("one"));
  await put("b.mbox", `${FROM}${mail("two")}\n${FROM}${mail("three")}`);
  await put("Thunderbird/Inbox", `${FROM}${mail("four")}`);
  await put("Thunderbird/Work.sbd/Reports", `${FROM}${mail("six")}`);
  await put("Thunderbird/Inbox.msf", "index");
  await put("apple.emlx", `${String(mail("five").length).padEnd(10)}\n${mail("five")}<?xml version="1.0"?>`);
  await put("photo.jpg", "JPEG");
  await put("notes.txt", "Just notes.\n");
  await put("empty.eml", "");
  await symlink("/etc/passwd", join(folder, "link.eml"));
  await symlink(folder, join(folder, "round"));
  expect(await found()).toEqual([
    ["Thunderbird/Inbox, byte 0", "four", null, "Thunderbird"],
    ["Thunderbird/Inbox.msf", "not_mail"],
    ["Thunderbird/Work.sbd/Reports, byte 0", "six", null, "Thunderbird/Work/Reports"],
    ["a.eml", "one", null, ""],
    ["apple.emlx", "five", null, ""],
    ["b.mbox, byte 0", "two", null, "b"],
    ["b.mbox, byte 81", "three", null, "b"],
    ["empty.eml", "not_mail"],
    ["notes.txt", "not_mail"],
    ["photo.jpg", "not_mail"],
  ]);
  expect((await extentOf(folder)).files).toBe(9);
  await symlink(join(folder, "a.eml"), join(folder, "named.eml"));
  expect(await found(join(folder, "named.eml"))).toEqual([["named.eml", "one", null, ""]]);
});

it("a place that is not there is the caller's mistake, a file that can't be read is passed over", async () => {
  await expect(found(join(folder, "none"))).rejects.toMatchObject({ code: "ENOENT" });
  expect(await found("/dev/null")).toEqual([[relative(folder, "/dev/null"), "unreadable"]]);
  const file = await put("cur/x:2,", mail("time"));
  await mkdir(join(folder, "new"));
  await utimes(file, 1_767_600_000, 1_767_600_000);
  for await (const each of mailsAt(folder)) expect(each).toMatchObject({ receivedAt: 1_767_600_000 });
});
