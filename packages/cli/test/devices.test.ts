import { createInterface } from "node:readline";
import { once } from "node:events";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { start } from "./smimp.ts";
import { startWorld, type World } from "./world.ts";

// One person's devices, keys and recovery, from a terminal: the real command line as processes, real servers over real TLS.

const ALICE = "alice#alpha.example";
const BOB = "bob#beta.example";
const PHONE = "alice-phone";
let world: World;
let phrase: string;

beforeAll(async () => {
  world = await startWorld(["alpha.example", "beta.example"]);
  phrase = await world.settle(ALICE, "Alice");
  await world.settle(BOB, "Bob");
});
afterAll(async () => await world?.close());

const newHome = (): readonly string[] => ["--passphrase-file", world.passphraseFile, "--development-network", world.networkFile];

async function subjectsOf(who: string): Promise<readonly unknown[]> {
  return (await world.done(who, ["inbox"])).map(({ subject }) => subject);
}

/** Links a new home while the old device types its code. */
async function link(home: string, name: string): Promise<void> {
  const child = start(["link", ALICE, "--device-name", name, "--json", "--home", world.homeOf(home), ...newHome()]);
  child.stdin.end();
  const lines: Record<string, unknown>[] = [];
  const exit = once(child, "close");
  for await (const line of createInterface({ input: child.stdout })) {
    lines.push(JSON.parse(line) as Record<string, unknown>);
    if (lines.length === 1) await world.done(ALICE, ["devices", "add"], { input: `${String(lines[0]?.["link_code"])}\n` });
  }
  expect((await exit)[0]).toBe(0);
  expect(lines[1]).toMatchObject({ address: ALICE, linked: true });
}

describe("a second device", () => {
  it("is linked with a code and gets the mail", async () => {
    await world.done(BOB, ["send", ALICE, "-s", "before", "-t", "x"]);
    await world.done(ALICE, ["inbox"]);
    await link(PHONE, "phone");
    expect(await subjectsOf(PHONE)).toEqual(["before"]);
    expect((await world.done(ALICE, ["devices"])).map(({ name }) => name)).toContain("phone");
  });

  it("goes on by itself after keys changed", async () => {
    const asked = await world.as(ALICE, ["keys", "rotate"]);
    expect([asked.code, asked.stderr]).toEqual([1, expect.stringContaining("--yes")]);
    await world.done(ALICE, ["keys", "rotate", "--yes"]);
    await world.done(BOB, ["send", ALICE, "-s", "after", "-t", "x"]);
    expect(new Set(await subjectsOf(PHONE))).toEqual(new Set(["before", "after"]));
  });

  it("is out once it is removed", async () => {
    await world.done(ALICE, ["devices", "rename", "phone", "mobile"]);
    // Renamed elsewhere a moment ago: the list is fetched before the name is looked for.
    expect(await world.done(PHONE, ["devices", "rename", "mobile", "old phone"])).toMatchObject([{ before: "mobile" }]);
    const asked = await world.as(ALICE, ["devices", "remove", "old phone"]);
    expect([asked.code, asked.stderr]).toEqual([1, expect.stringMatching(/Shut old phone out\?.*\n.*--yes/)]);
    await world.done(ALICE, ["devices", "remove", "old phone", "--yes"]);
    await world.done(BOB, ["send", ALICE, "-s", "not for the phone", "-t", "x"]);
    const out = await world.as(PHONE, ["inbox", "--json"]);
    expect(out.code).not.toBe(0);
    expect(out.stdout).not.toContain("not for the phone");
    expect(await subjectsOf(ALICE)).toContain("not for the phone");
  });

  it("says so from then on, and what to do", async () => {
    const commands = [["inbox"], ["send", BOB, "-t", "from the phone"], ["outbox", "--retry"], ["devices"], ["watch"]];
    for (const args of commands) {
      // oxlint-disable-next-line no-await-in-loop -- in one home
      const ran = await world.as(PHONE, args);
      expect({ args, code: ran.code, stderr: ran.stderr }).toEqual({
        args,
        code: 1,
        stderr: expect.stringMatching(/This device was removed from alice#alpha\.example[^]*smimp link[^]*smimp recover/) as string,
      });
    }
    const read = await world.as(PHONE, ["inbox", "--offline", "--json"]);
    expect([read.code, read.objects().length]).toEqual([0, 2]);
  });

  it("is not linked with a code that is none", async () => {
    const wrong = await world.as(ALICE, ["devices", "add"], { input: "AAAA BBBB\n" });
    expect([wrong.code, wrong.stderr]).toEqual([1, expect.stringContaining("✗")]);
    const again = await world.as(ALICE, ["link", ALICE, ...newHome()]);
    expect([again.code, again.stderr]).toEqual([1, expect.stringContaining("already")]);
  });
});

describe("keys", () => {
  it("are shown, and the phrase is replaced", async () => {
    const [status] = await world.done(ALICE, ["keys"]);
    expect(status).toMatchObject({ saved: true, changing: false });
    const unsure = await world.as(ALICE, ["keys", "new-phrase"], { input: `${phrase}\n` });
    expect([unsure.code, unsure.stderr]).toEqual([1, expect.stringContaining("--yes")]);
    expect((await world.as(ALICE, ["keys", "new-phrase", "--yes"], { input: "not a phrase\n" })).code).toBe(1);
    // The phrase from before still counts: nothing was replaced without a yes.
    const [shown, changed] = await world.done(ALICE, ["keys", "new-phrase", "-y"], { input: `${phrase}\n` });
    expect(changed).toEqual({ changed: true });
    const before = phrase;
    phrase = String(shown?.["recovery_phrase"]);
    expect(phrase).not.toBe(before);
    const old = await world.as("old-sheet", ["recover", ALICE, ...newHome()], { input: before });
    expect([old.code, old.stderr]).toEqual([1, expect.stringContaining("not the recovery phrase")]);
  });
});

describe("recovery", () => {
  it("brings an account back on an empty machine from the phrase alone", async () => {
    const [back] = await world.done("new-machine", ["recover", ALICE, ...newHome()], { input: `  ${phrase.toUpperCase()}\n` });
    expect(back).toMatchObject({ address: ALICE });
    expect(await subjectsOf("new-machine")).toContain("before");
    const number = (await world.done("new-machine", ["inbox"])).find(({ subject }) => subject === "after")?.["number"];
    expect(await world.done("new-machine", ["read", String(number)])).toMatchObject([{ body: "x" }]);
    await world.done(BOB, ["send", ALICE, "-s", "welcome back", "-t", "x"]);
    expect(await subjectsOf("new-machine")).toContain("welcome back");
  });

  it("after a device was lost shuts the others out", async () => {
    await world.done("safe-machine", ["recover", ALICE, "--lost-device", ...newHome()], { input: phrase });
    await world.done(BOB, ["send", ALICE, "-s", "only for the safe one", "-t", "x"]);
    expect(await subjectsOf("safe-machine")).toContain("only for the safe one");
    const lost = await world.as(ALICE, ["inbox", "--json"]);
    expect([lost.code === 0, lost.stdout.includes("only for the safe one")]).toEqual([false, false]);
  });
});

describe("the profile", () => {
  it("is changed, shown to others, and deleted", async () => {
    await world.done(BOB, ["profile", "set", "--name", "Bob B.", "--website", "https://bob.example/"]);
    expect(await world.done(BOB, ["profile"])).toMatchObject([{ name: "Bob B.", website: "https://bob.example/" }]);
    expect((await world.as(ALICE, ["history", BOB])).stdout).toContain("Bob B.");
    const notImage = await world.write("image.png", "text");
    expect((await world.as(BOB, ["profile", "avatar", notImage])).code).toBe(1);
    const asked = await world.as(BOB, ["profile", "delete"]);
    expect([asked.code, asked.stderr]).toEqual([1, expect.stringContaining("--yes")]);
    await world.done(BOB, ["profile", "delete", "--yes"]);
    expect(await world.done(BOB, ["profile"])).toMatchObject([{ name: null, website: null }]);
    expect((await world.as(BOB, ["profile", "set"])).code).toBe(2);
  });
});
