import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { readdir, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { start, type Ran, type RunOptions } from "./smimp.ts";
import { startWorld, type World } from "./world.ts";

// Several processes in one mailbox: the real command line, one of it watching.

const ALICE = "alice#alpha.example";
const BOB = "bob#alpha.example";

let world: World;

const as = async (who: string, args: readonly string[], options?: RunOptions): Promise<Ran> => await world.as(who, args, options);

/** A process that watches; `seen` resolves with the first event that has these members. */
interface Watching {
  readonly ended: Promise<unknown[]>;
  kill(signal: NodeJS.Signals): void;
  seen(wanted: Readonly<Record<string, unknown>>): Promise<Readonly<Record<string, unknown>>>;
}

const children = new Set<ReturnType<typeof start>>();

function watch(who: string): Watching {
  const child = start(["watch", "--json", "--home", world.homeOf(who)]);
  children.add(child);
  const events: Record<string, unknown>[] = [];
  let wake = Promise.withResolvers<void>();
  createInterface(child.stdout).on("line", (line) => {
    events.push(JSON.parse(line) as Record<string, unknown>);
    wake.resolve();
    wake = Promise.withResolvers<void>();
  });
  const ended = once(child, "close");
  return {
    ended,
    kill: (signal) => void child.kill(signal),
    seen: async (wanted) => {
      for (;;) {
        const found = events.find((event) => Object.entries(wanted).every(([name, value]) => event[name] === value));
        if (found !== undefined) return found;
        await Promise.race([wake.promise, ended.then(() => Promise.reject(new Error("it ended")))]);
      }
    },
  };
}

/** Watches, connected, and lets others in. */
async function watching(who: string): Promise<Watching> {
  const process = watch(who);
  await process.seen({ event: "connection", state: "connected" });
  while (!(await readdir(world.homeOf(who))).includes("mailbox.door")) {
    await new Promise((resolve) => {
      setTimeout(resolve, 20);
    });
  }
  return process;
}

beforeAll(async () => {
  world = await startWorld(["alpha.example"]);
  await Promise.all([ALICE, BOB].map(async (who) => await world.settle(who)));
});
afterEach(() => {
  // A test that failed leaves nobody behind.
  for (const child of children) child.kill("SIGKILL");
  children.clear();
});
afterAll(async () => {
  await world.close();
});

describe("while one process watches", () => {
  it("others read, send, save files, search and back up", async () => {
    const bob = await watching(BOB);
    const content = randomBytes(1_500_000);
    const file = world.file("picture.png");
    await writeFile(file, content);
    expect((await as(ALICE, ["send", BOB, "-s", "To Bob", "-t", "hello", "-a", file])).code).toBe(0);
    await bob.seen({ event: "message", subject: "To Bob" });
    const saved = world.file("saved");
    expect((await as(BOB, ["inbox", "--offline", "--json"])).objects()).toMatchObject([{ number: 1, subject: "To Bob" }]);
    const read = await as(BOB, ["read", "1", "--save", saved, "--json"]);
    expect([read.code, read.objects()[0]?.["saved"]]).toEqual([0, [join(saved, "picture.png")]]);
    expect((await readFile(join(saved, "picture.png"))).equals(content)).toBe(true);
    const sent = await as(BOB, ["send", ALICE, "-s", "From Bob", "-t", "yes", "-a", file, "--json"]);
    expect([sent.code, sent.objects()]).toMatchObject([0, [{ state: "sent", to: ALICE }]]);
    await bob.seen({ event: "sent", to: ALICE });
    const nobody = await as(BOB, ["send", "nobody#alpha.example", "-t", "x", "--json"]);
    expect([nobody.code, nobody.objects()[0]]).toMatchObject([1, { reason: "unknown_user" }]);
    const copy = world.file("copy.db");
    expect((await as(BOB, ["backup", copy])).code).toBe(0);
    expect((await as(BOB, ["backup", copy])).code).toBe(1);
    bob.kill("SIGINT");
    expect(await bob.ended).toEqual([0, null]);
    expect(await readdir(world.homeOf(BOB))).not.toContain("mailbox.door");
  });

  it("nobody gets in without the passphrase", async () => {
    const bob = await watching(BOB);
    const wrong = await world.write("wrong", "something else\n");
    const ran = await as(BOB, ["inbox", "--passphrase-file", wrong]);
    expect([ran.code, /passphrase/i.test(ran.stderr)]).toEqual([1, true]);
    bob.kill("SIGTERM");
    expect(await bob.ended).toEqual([0, null]);
  });

  it("another one may watch as well, and goes on alone when the first is killed", async () => {
    const first = await watching(BOB);
    const second = watch(BOB);
    await second.seen({ event: "connection", state: "connected" }).catch(() => undefined);
    expect((await as(ALICE, ["send", BOB, "-s", "Both", "-t", "x"])).code).toBe(0);
    await Promise.all([first.seen({ event: "message", subject: "Both" }), second.seen({ event: "message", subject: "Both" })]);
    first.kill("SIGKILL");
    await first.ended;
    expect((await as(ALICE, ["send", BOB, "-s", "Alone", "-t", "x"])).code).toBe(0);
    await second.seen({ event: "message", subject: "Alone" });
    const meanwhile = await as(BOB, ["inbox", "--json"]);
    expect([meanwhile.code, meanwhile.objects()[0]]).toMatchObject([0, { subject: "Alone" }]);
    second.kill("SIGINT");
    expect(await second.ended).toEqual([0, null]);
  });

  it("what was killed stands in nobody's way", async () => {
    const bob = await watching(BOB);
    bob.kill("SIGKILL");
    await bob.ended;
    expect(await readdir(world.homeOf(BOB))).toContain("mailbox.door");
    expect((await as(BOB, ["inbox"])).code).toBe(0);
    expect(await readdir(world.homeOf(BOB))).not.toContain("mailbox.door");
  });
});

describe("several at once", () => {
  it("all do what they were told, one after the other or together", async () => {
    const texts = ["one", "two", "three"];
    const ran = await Promise.all(texts.map(async (text) => await as(ALICE, ["send", BOB, "-s", text, "-t", text])));
    expect(ran.map(({ code, stderr }) => [code, stderr])).toEqual(texts.map(() => [0, ""]));
    const subjects = (await as(BOB, ["inbox", "--json"])).objects().map(({ subject }) => subject);
    expect(subjects).toEqual(expect.arrayContaining(texts));
    await rm(world.file("saved"), { recursive: true, force: true });
  });
});
