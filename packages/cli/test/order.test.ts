import { readFile, stat } from "node:fs/promises";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { startWorld, type World } from "./world.ts";

// Keeping order in a mailbox, from a terminal: the real command line as processes, a real server over real TLS.

const ALICE = "alice#alpha.example";
const BOB = "bob#alpha.example";
let world: World;

beforeAll(async () => {
  world = await startWorld(["alpha.example"]);
  await world.settle(ALICE, "Alice");
  await world.settle(BOB, "Bob");
  for (const subject of ["one", "two"]) await world.done(ALICE, ["send", BOB, "-s", subject, "-t", `about ${subject}`]);
});
afterAll(async () => await world?.close());

async function subjectsOf(args: readonly string[]): Promise<readonly unknown[]> {
  return (await world.done(BOB, ["inbox", "--offline", ...args])).map(({ subject }) => subject);
}

describe("folders", () => {
  it("are made, nested, renamed, filled and deleted", async () => {
    await world.done(BOB, ["inbox"]);
    await world.done(BOB, ["folders", "create", "Work"]);
    const [reports] = await world.done(BOB, ["folders", "create", "Reports", "--in", "Work"]);
    expect(reports).toMatchObject({ path: "Work/Reports", total: 0 });
    await world.done(BOB, ["folders", "rename", "Work/Reports", "Berichte"]);
    const [moved] = await world.done(BOB, ["move", "1", "--to", "work/berichte"]);
    expect(moved).toMatchObject({ done: "moved to work/berichte" });
    expect(moved).toMatchObject({ messages: [{ from: ALICE, subject: "two" }] });
    expect(await subjectsOf(["--folder", "Berichte"])).toEqual(["two"]);
    expect(await subjectsOf(["--folder", "inbox"])).toEqual(["one"]);
    expect(await subjectsOf([])).toEqual(["one"]);
    expect(await subjectsOf(["--all"])).toEqual(["two", "one"]);
    const full = await world.as(BOB, ["folders", "delete", "Berichte"]);
    expect([full.code, full.stderr]).toEqual([1, expect.stringContaining("✗")]);
    await world.done(BOB, ["move", "1", "--to", "inbox"]);
    await world.done(BOB, ["folders", "delete", "Work/Berichte"]);
    expect((await world.as(BOB, ["folders"])).stdout).toContain("Work");
    expect((await world.as(BOB, ["move", "1", "--to", "Nowhere"])).code).toBe(1);
  });
});

describe("numbers", () => {
  it("are those of the list that was shown last, whatever has come since", async () => {
    const [newest, older] = await world.done(BOB, ["inbox"]);
    expect([newest, older]).toMatchObject([
      { number: 1, subject: "two" },
      { number: 2, subject: "one" },
    ]);
    await world.done(ALICE, ["send", BOB, "-s", "in between", "-t", "while Bob looks at his list"]);
    // Something else brings it in, and shows no list of messages.
    await world.done(BOB, ["folders"]);
    expect(await world.done(BOB, ["read", "2", "--keep-unread"])).toMatchObject([{ subject: "one" }]);
    expect(await world.done(BOB, ["star", "1"])).toMatchObject([{ messages: [{ subject: "two" }] }]);
    await world.done(BOB, ["star", "1", "--off"]);
    expect(await subjectsOf([])).toEqual(["in between", "two", "one"]);

    // A search is a list as well, with numbers of its own.
    expect(await world.done(BOB, ["search", "about", "--offline"])).toMatchObject([{ number: 1, subject: "two" }, { number: 2 }]);
    expect(await world.done(BOB, ["read", "1", "--keep-unread"])).toMatchObject([{ subject: "two" }]);
    expect((await world.as(BOB, ["read", "3"])).stderr).toContain("no message 3 in the list");
  });

  it("ask before they delete, and never mean another message", async () => {
    await world.done(BOB, ["inbox"]);
    const asked = await world.as(BOB, ["delete", "1"]);
    expect(asked).toMatchObject({ code: 1, stdout: "" });
    expect(asked.stderr).toMatch(/Delete 1 message \(alice#alpha\.example: in between\) for good\? Nothing was deleted\.\n.*--yes/);
    const deleted = await world.as(BOB, ["delete", "1", "--yes"]);
    expect([deleted.code, deleted.stdout]).toEqual([0, "1 message (alice#alpha.example: in between): deleted.\n"]);
    const again = await world.as(BOB, ["delete", "1", "--yes"]);
    expect([again.code, again.stderr]).toEqual([1, expect.stringContaining("not there any more")]);
    expect(await subjectsOf([])).toEqual(["two", "one"]);
    const fresh = await world.as(ALICE, ["delete", "1", "--yes"]);
    expect([fresh.code, fresh.stderr]).toEqual([1, expect.stringContaining("no list yet")]);
  });
});

describe("a search", () => {
  it("says what of it made no sense", async () => {
    const ran = await world.as(BOB, ["search", "about", "after:banana", "is:banana", "in:Nope", "from:", "--offline"]);
    expect(ran.code).toBe(0);
    expect(ran.stdout).toBe("Nothing found.\n");
    expect(ran.stderr).toMatch(/after:banana makes no sense.*\n.*is:banana makes no sense.*\n.*behind from:.*\n.*no folder Nope/);
    expect(await world.done(BOB, ["search", "about", "from:", "--offline"])).toMatchObject([
      { event: "not_understood", text: "from:", taken: "nothing" },
      { subject: "two" },
      { subject: "one" },
    ]);
  });
});

describe("labels, stars and marks", () => {
  it("are put on and taken off", async () => {
    await world.done(BOB, ["label", "1", "2", "--add", "later", "--add", "müll"]);
    await world.done(BOB, ["label", "2", "--remove", "müll"]);
    expect(await world.done(BOB, ["label"])).toEqual([
      { label: "later", total: 2, unread: 2 },
      { label: "müll", total: 1, unread: 1 },
    ]);
    expect((await subjectsOf(["--label", "müll"])).length).toBe(1);
    await world.done(BOB, ["star", "1"]);
    expect((await subjectsOf(["--starred"])).length).toBe(1);
    await world.done(BOB, ["star", "1", "--off"]);
    expect(await subjectsOf(["--starred"])).toEqual([]);
    await world.done(BOB, ["mark", "1"]);
    expect((await subjectsOf(["--unread"])).length).toBe(1);
    await world.done(BOB, ["mark", "1", "--unread"]);
    expect((await world.as(BOB, ["label", "1"])).code).toBe(2);
  });
});

describe("threads and short messages", () => {
  it("are shown together", async () => {
    await world.done(BOB, ["reply", "1", "-t", "an answer"]);
    await world.done(ALICE, ["inbox"]);
    const thread = await world.done(ALICE, ["thread", "1"]);
    expect(thread.map(({ body }) => String(body).trim())).toContain("an answer");
    expect(thread.length).toBe(2);

    await world.done(ALICE, ["chat", BOB, "how", "are", "you?"]);
    await world.done(BOB, ["inbox"]);
    await world.done(BOB, ["chat", ALICE, "fine"]);
    expect((await world.done(ALICE, ["chat", BOB])).map(({ text }) => text)).toEqual(["how are you?", "fine"]);
    expect((await world.as(ALICE, ["chat", BOB])).stdout).toMatch(/you:.* how are you\?\n.*bob#alpha\.example:.* fine\n/);
  });
});

describe("drafts", () => {
  it("are kept, replaced, shown, sent and thrown away", async () => {
    await world.done(ALICE, ["drafts", "save", BOB, "-s", "plan", "-t", "first words"]);
    await world.done(ALICE, ["drafts", "save", BOB, "-s", "plan", "-t", "better words", "--replace", "1"]);
    const all = await world.done(ALICE, ["drafts"]);
    expect(all).toMatchObject([{ subject: "plan", to: [BOB] }]);
    expect(await world.done(ALICE, ["drafts", "show", "1"])).toMatchObject([{ body: "better words" }]);
    expect(await world.done(ALICE, ["drafts", "send", "1"])).toMatchObject([{ to: BOB, state: "sent" }]);
    expect(await world.done(ALICE, ["drafts"])).toEqual([]);
    await world.done(ALICE, ["drafts", "save", "-t", "nothing yet"]);
    const asked = await world.as(ALICE, ["drafts", "delete", "1"]);
    expect([asked.code, asked.stderr]).toEqual([1, expect.stringContaining("--yes")]);
    await world.done(ALICE, ["drafts", "delete", "1", "--yes"]);
    expect((await world.as(ALICE, ["drafts"])).stdout).toBe("No drafts.\n");
    await world.done(BOB, ["inbox"]);
    expect(await subjectsOf(["--all"])).toContain("plan");
  });
});

describe("a draft", () => {
  it("is edited: what is said is replaced, all else stays", async () => {
    const file = await world.write("plan.txt", "steps");
    await world.done(ALICE, ["drafts", "save", BOB, "-s", "trip", "-t", "first words", "-a", file]);
    expect(await world.done(ALICE, ["drafts", "edit", "1", "-t", "better words"])).toMatchObject([{ subject: "trip" }]);
    await world.done(ALICE, ["drafts", "edit", "1", "-s", "the trip", "--cc", ALICE]);
    expect(await world.done(ALICE, ["drafts", "show", "1"])).toMatchObject([
      { subject: "the trip", to: [BOB, ALICE], cc: [ALICE], body: "better words" },
    ]);
    await world.done(ALICE, ["drafts", "edit", "1"], { input: "from a pipe\n" });
    expect(await world.done(ALICE, ["drafts", "show", "1"])).toMatchObject([{ subject: "the trip", body: "from a pipe\n" }]);
    await world.done(ALICE, ["drafts", "send", "1"]);
    const [arrived] = await world.done(BOB, ["inbox"]);
    expect(await world.done(BOB, ["read", String(arrived?.["message_id"])])).toMatchObject([
      { subject: "the trip", attachments: [{ name: "plan.txt", size: 5 }] },
    ]);
    expect((await world.as(ALICE, ["drafts", "edit", "1", "-t", "x"])).code).toBe(1);
  });
});

describe("messages between programs and keys that are handed over", () => {
  it("arrive as they were sent; a key is imported only with a word", async () => {
    await world.done(ALICE, ["app", "send", "x-custom-thermometer", BOB], { input: "21.5" });
    const [reading] = await world.done(BOB, ["app", "list", "x-custom-thermometer"]);
    expect(Buffer.from(String(reading?.["bytes"]), "base64").toString()).toBe("21.5");

    const keyFile = await world.write("deploy.key", "the key itself");
    await world.done(ALICE, ["secrets", "send", BOB, keyFile, "--name", "deploy", "--algorithm", "ed25519", "--kind", "signing"]);
    const [waiting] = await world.done(BOB, ["secrets"]);
    expect(waiting).toMatchObject({ state: "waiting", from: ALICE, name: "deploy", kind: "signing" });
    const id = String(waiting?.["message_id"]);
    const target = world.file("saved.key");
    expect((await world.as(BOB, ["secrets", "save", id, target])).code).toBe(1);
    const asked = await world.as(BOB, ["secrets", "accept", id]);
    expect([asked.code, asked.stderr]).toEqual([1, expect.stringContaining("--yes")]);
    await world.done(BOB, ["secrets", "accept", id, "--yes"]);
    await world.done(BOB, ["secrets", "save", id, target]);
    expect([await readFile(target, "utf8"), (await stat(target)).mode & 0o777]).toEqual(["the key itself", 0o600]);
  });
});

describe("backup and restore", () => {
  it("bring a mailbox back on another computer", async () => {
    const file = world.file("bob.backup");
    await world.done(BOB, ["backup", file]);
    expect((await world.as(BOB, ["backup", file])).code).toBe(1);
    const args = ["restore", file, "--passphrase-file", world.passphraseFile, "--development-network", world.networkFile];
    expect(await world.done("bob-again", args)).toMatchObject([{ address: BOB, restored: true }]);
    expect((await world.done("bob-again", ["inbox", "--all"])).map(({ subject }) => subject)).toContain("one");
    const wrong = await world.write("wrong", "not the passphrase\n");
    expect((await world.as("bob-third", ["restore", file, "--passphrase-file", wrong])).code).toBe(1);
    expect(await world.done("bob-third", args)).toMatchObject([{ address: BOB }]);
  });
});

describe("deleting", () => {
  it("takes messages away everywhere", async () => {
    await world.done(BOB, ["inbox"]);
    const before = (await subjectsOf(["--all", "--sent"])).length;
    await world.done(BOB, ["delete", "1", "2", "--yes"]);
    expect((await subjectsOf(["--all", "--sent"])).length).toBe(before - 2);
    expect((await world.done(BOB, ["inbox", "--all", "--sent"])).length).toBe(before - 2);
  });
});

describe("whom one lets in, and what is answered for one", () => {
  it("is said, listed and taken back", async () => {
    await world.done(BOB, ["block", ALICE, "--note", "too loud"]);
    expect(await world.done(BOB, ["block"])).toMatchObject([{ entry: ALICE, note: "too loud" }]);
    const refused = await world.as(ALICE, ["send", BOB, "-t", "hello?", "--json"]);
    expect([refused.code, refused.objects()[0]?.["reason"]]).toEqual([1, "not_accepted"]);
    await world.done(BOB, ["block", ALICE, "--remove"]);
    expect(await world.done(BOB, ["block"])).toEqual([]);
    await world.done(BOB, ["allow", "#example.org"]);
    expect((await world.done(BOB, ["allow"])).map(({ entry }) => entry)).toContain("#example.org");
    expect((await world.as(BOB, ["allow", "nobody"])).code).toBe(2);

    await world.done(BOB, ["auto-reply", "-t", "Away until Monday.", "--until", "2099-12-31"]);
    expect(await world.done(BOB, ["auto-reply"])).toMatchObject([{ on: true, text: "Away until Monday." }]);
    await world.done(ALICE, ["send", BOB, "-s", "are you there?", "-t", "x"]);
    await world.done(BOB, ["inbox"]);
    await world.done(BOB, ["outbox", "--retry"]);
    await world.done(ALICE, ["inbox"]);
    const answers = (await world.done(ALICE, ["inbox"])).filter(({ preview }) => String(preview).includes("Away until Monday."));
    expect(answers.length).toBe(1);
    expect(await world.done(BOB, ["auto-reply", "--off"])).toEqual([{ on: false }]);
    expect((await world.as(BOB, ["auto-reply", "-t", "x", "--until", "soon"])).code).toBe(2);
  });
});

describe("burning", () => {
  it("asks first, and takes a month that is one", async () => {
    const asked = await world.as(BOB, ["burn", "--before", "2020-01"]);
    expect([asked.code, asked.stderr]).toEqual([1, expect.stringContaining("--yes")]);
    expect((await world.as(BOB, ["burn", "--before", "spring", "--yes"])).code).toBe(2);
    expect(await world.done(BOB, ["burn", "--before", "2020-01", "--yes"])).toEqual([{ before: "2020-01", messages: 0, stay: 0 }]);
    const future = await world.as(BOB, ["burn", "--before", "2999-01", "--yes"]);
    expect([future.code, future.stderr]).toEqual([2, expect.stringMatching(/2999-01 has not begun yet.*everything would burn/)]);
  });
});
