import { createHash } from "node:crypto";
import { once } from "node:events";
import { appendFile, mkdir, readdir, readFile, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { openMailbox } from "@smimp/client/node";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { start, type Ran } from "./smimp.ts";
import { PASSPHRASE, startWorld, type World } from "./world.ts";

// Mail from elsewhere and back, with the real command line and a real server.

const ALICE = "alice#alpha.example";
const BOB = "bob#alpha.example";
const CAROL = "carol#alpha.example";

let world: World;

const as = async (who: string, ...args: readonly string[]): Promise<Ran> => await world.as(who, args);

/** A small text that differs for each number. */
const mail = (number: number, more: readonly string[] = []): string =>
  [
    `From: "Döra ${number}" <dora${number}@example.org>`.normalize(),
    "To: alice@example.com",
    `Subject: =?utf-8?B?${Buffer.from(`Größe ${number}`).toString("base64")}?=`,
    `Date: Mon, ${String((number % 28) + 1).padStart(2, "0")} Jun 2020 10:00:00 +0200`,
    `Message-ID: <${number}@example.org>`,
    ...more,
    "Content-Type: text/plain; charset=utf-8",
    "",
    `Text of mail number ${number}.`,
    "From here on it goes on.",
    "",
  ].join("\n");

const mbox = (numbers: readonly number[]): string =>
  numbers
    .map((number) => `From dora@example.org Mon Jun  1 10:00:00 2020\n${mail(number).replace(/^From here/m, ">From here")}\n`)
    .join("");

/** Something in an mbox that is no mail: that it is left out tells from outside how far an import is. */
const NO_MAIL = "From x@y Mon Jun  1 10:00:00 2020\nNothing: of a mail\n\nx\n\n";

/** Sends a signal once an import has left out so many; how it ended (a status or a signal), and what it wrote. */
async function whenSkipped(child: ReturnType<typeof start>, times: number, signal: NodeJS.Signals) {
  let [output, skipped] = ["", 0];
  createInterface(child.stdout).on("line", (line) => {
    output += `${line}\n`;
    if (line.includes('"skipped"') && line.includes("place") && ++skipped === times) child.kill(signal);
  });
  const [status, by] = (await once(child, "close")) as [number | null, NodeJS.Signals | null];
  return { ended: by ?? status, output };
}

/** Everything of an account, as programs see it: what each message says of itself. */
async function everything(who: string): Promise<readonly Record<string, unknown>[]> {
  const listed = await as(who, "inbox", "--all", "--sent", "-n", "500", "--json");
  expect(listed.code).toBe(0);
  return listed.objects();
}

beforeAll(async () => {
  world = await startWorld(["alpha.example"]);
  await Promise.all([ALICE, BOB, CAROL].map(async (who) => await world.settle(who)));
});
afterAll(async () => {
  await world.close();
});

describe("import", () => {
  it("brings mbox files, Maildirs and EML files, and says what it left out", async () => {
    const place = world.file("old");
    await mkdir(join(place, "Maildir/cur"), { recursive: true });
    await mkdir(join(place, "Maildir/new"));
    await mkdir(join(place, "Maildir/.Work.2020/cur"), { recursive: true });
    await mkdir(join(place, "Maildir/.Work.2020/new"));
    await writeFile(join(place, "Sent.mbox"), mbox([1, 2]));
    await writeFile(join(place, "Maildir/cur/1.a:2,S"), mail(3));
    await writeFile(join(place, "Maildir/new/2.b"), mail(4));
    await writeFile(join(place, "Maildir/.Work.2020/cur/3.c:2,S"), mail(5));
    await writeFile(join(place, "again.eml"), mail(1));
    await writeFile(join(place, "html.eml"), mail(6).replace("text/plain", "text/html").replace("Text of", "<p>Text <b>of</b>"));
    await writeFile(join(place, "nested.eml"), `From: a@b\n${"Content-Type: multipart/mixed; boundary=b\n\n--b\n".repeat(500)}`);
    await writeFile(join(place, "photo.jpg"), "JPEG");
    await symlink("/etc/passwd", join(place, "link.eml"));
    const ran = await as(ALICE, "import", place, "--json");
    expect([ran.code, ran.stderr]).toEqual([0, ""]);
    const done = ran.objects().at(-1);
    expect(done).toMatchObject({ event: "imported", added: 6, known: 1, skipped: { not_convertible: 1, not_mail: 1 } });
    expect(ran.objects().filter(({ event }) => event === "skipped")).toHaveLength(2);

    const all = await everything(ALICE);
    expect(all).toHaveLength(6);
    for (const each of all) expect(each).toMatchObject({ state: "open", not_authenticated: true });
    const third = all.find(({ subject }) => subject === "Größe 3");
    expect(third).toMatchObject({ read: true, received_at: "2020-06-04T08:00:00Z", imported: { from: "Döra 3 <dora3@example.org>" } });
    expect(all.find(({ subject }) => subject === "Größe 4")).toMatchObject({ read: false });
    const [fifth] = (await as(ALICE, "inbox", "--folder", "Maildir/Work/2020", "--json")).objects();
    expect(fifth).toMatchObject({ subject: "Größe 5" });
    const read = await as(ALICE, "read", String(third?.["message_id"]), "--json");
    expect(read.objects()[0]?.["body"]).toBe("Text of mail number 3.\nFrom here on it goes on.\n");
    const html = await as(ALICE, "read", String(all.find(({ subject }) => subject === "Größe 6")?.["message_id"]), "--json");
    expect(html.objects()[0]?.["body"]).toMatch(/^Text \*\*of\*\* mail number 6\./);
  });

  it("brings nothing twice, and what is new", async () => {
    const place = world.file("old");
    await appendFile(join(place, "Sent.mbox"), mbox([7]));
    const again = await as(ALICE, "import", place, "--json");
    expect([again.code, again.objects().at(-1)]).toMatchObject([0, { added: 1, known: 7 }]);
    expect(await everything(ALICE)).toHaveLength(7);
  });

  it("goes on where it was killed", async () => {
    const file = world.file("many.mbox");
    const [count, between, kills] = [60, 15, 3];
    const parts = Array.from({ length: count / between }, (_, part) =>
      Array.from({ length: between }, (__, at) => 1_000 + part * between + at),
    );
    await writeFile(file, parts.map((numbers) => mbox(numbers)).join(NO_MAIL));
    let inside = 0;
    for (let kill = 1; kill <= kills; kill++) {
      const child = start(["import", file, "--json", "--home", world.homeOf(BOB)]);
      const { ended, output } = await whenSkipped(child, kill, "SIGKILL");
      if (ended === "SIGKILL" && !output.includes('"imported"')) inside++;
    }
    // By what it says, not by the time: each of them came while mails were still to be imported.
    expect(inside).toBeGreaterThan(0);
    const last = await as(BOB, "import", file, "--json");
    const done = last.objects().at(-1) as { readonly added: number; readonly known: number };
    expect([last.code, done.added + done.known, done.known > 0]).toEqual([0, count, true]);
    const subjects = (await everything(BOB)).map(({ subject }) => subject);
    expect([subjects.length, new Set(subjects).size]).toEqual([count, count]);
  });

  it("ends cleanly with ctrl-C", async () => {
    const file = world.file("stopped.mbox");
    const first = Array.from({ length: 20 }, (_, at) => 5_000 + at);
    const rest = Array.from({ length: 280 }, (_, at) => 5_020 + at);
    await writeFile(file, [mbox(first), mbox(rest)].join(NO_MAIL));
    const child = start(["import", file, "--json", "--home", world.homeOf(CAROL)]);
    const { ended, output } = await whenSkipped(child, 1, "SIGINT");
    expect(ended).toBe(130);
    const told = output
      .split("\n")
      .filter((line) => line !== "")
      .map((line) => JSON.parse(line) as Record<string, unknown>);
    expect(told).toContainEqual(expect.objectContaining({ event: "imported" }));
    expect(told.at(-1)).toHaveProperty("error");
  });

  it("says where there is nothing", async () => {
    expect((await as(ALICE, "import", world.file("nowhere"))).code).toBe(2);
  });
});

describe("export", () => {
  /** What has to survive: text, names, dates, attachments. */
  const essence = async (who: string): Promise<readonly unknown[]> => {
    const place = { file: join(world.homeOf(who), "mail.db"), passphrase: PASSPHRASE, developmentNetwork: world.networkFile };
    await using client = await openMailbox(place);
    await client.sync();
    const found: unknown[] = [];
    for (const { messageId } of await client.inbox.list()) {
      const { subject, body, imported, from, dateSent, attachments } = await client.inbox.read(messageId);
      const files: string[] = [];
      for (const { index, name } of attachments) {
        const hash = createHash("sha256");
        for await (const piece of client.inbox.attachment(messageId, index)) hash.update(piece);
        files.push(`${name} ${hash.digest("hex")}`);
      }
      found.push({ subject, body, files, from: imported?.from ?? from, date: imported?.date ?? dateSent });
    }
    return found.toSorted((a, b) => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1));
  };

  it("writes what import reads again, in all forms", { timeout: 120_000 }, async () => {
    await as(
      ALICE,
      "send",
      ALICE,
      "-s",
      "Note – to “me”",
      "-t",
      "line one\n\n> quoted\nFrom the start\n.\nend  ",
      "-a",
      world.passphraseFile,
      "--no-copy",
    );
    const before = await essence(ALICE);
    expect(before).toHaveLength(8);
    for (const [index, format] of ["mbox", "eml", "maildir"].entries()) {
      const place = world.file(`out-${format}${format === "mbox" ? ".mbox" : ""}`);
      const ran = await as(ALICE, "export", place, "--format", format, "--json");
      expect([ran.code, ran.objects().at(-1)]).toMatchObject([0, { exported: 8, known: 0, skipped: 0 }]);
      const who = `reader${index}#alpha.example`;
      await world.settle(who);
      const back = await as(who, "import", place, "--json");
      expect([back.code, back.objects().at(-1)]).toMatchObject([0, { added: 8, skipped: {} }]);
      expect(await essence(who)).toEqual(before);
      const [fifth] = (await as(who, "inbox", "--folder", "Maildir/Work/2020", "--json")).objects();
      expect(fifth).toMatchObject({ subject: "Größe 5", received_at: "2020-06-06T08:00:00Z" });
    }
  });

  it("writes over nothing: not a file, and in a folder only what is new", async () => {
    const file = world.file("out-mbox.mbox");
    const content = await readFile(file);
    const refused = await as(ALICE, "export", file, "--json");
    expect([refused.code, (await readFile(file)).equals(content)]).toEqual([1, true]);
    for (const format of ["eml", "maildir"]) {
      const again = await as(ALICE, "export", world.file(`out-${format}`), "--format", format, "--json");
      expect([again.code, again.objects().at(-1)]).toMatchObject([0, { exported: 0, known: 8 }]);
    }
    expect((await as(ALICE, "export", file, "--format", "eml")).code).toBe(1);
    expect((await readdir(world.file("."))).filter((name) => name.includes(".part"))).toEqual([]);
  });
});

describe("search", () => {
  it("finds what was imported and written, and shows where", async () => {
    const ran = await as(ALICE, "search", "grosse OR größe 5", "--json");
    expect([ran.code, ran.stderr]).toEqual([0, ""]);
    const [hit] = (await as(ALICE, "search", "from:dora5", "number", "--json")).objects();
    expect(hit).toMatchObject({ subject: "Größe 5", matches: ["number"], not_authenticated: true });
    const text = await as(ALICE, "search", "in:Maildir/Work/2020");
    expect(text.code).toBe(0);
    expect((await as(ALICE, "search", "subject:note", "--json")).objects()).toMatchObject([{ subject: "Note – to “me”" }]);
    expect((await as(ALICE, "search", "nothingofthekind")).stdout).toContain("Nothing");
    expect((await as(ALICE, "search", '") OR * NEAR(')).code).toBe(0);
  });
});
