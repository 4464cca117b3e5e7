import { readdir, readFile } from "node:fs/promises";
import { parseAddress, parseTimestamp } from "@smimp/protocol";
import { fakeClock } from "@smimp/testkit";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { startWorld, type World } from "./world.ts";

// What was burned, from a terminal: a mailbox that was begun two months ago, the real command line as processes today.

const ALICE = "alice#alpha.example";
const BOB = "bob#alpha.example";
/** The machine's own time, which the command line goes by. */
const now = new Date();
const monthsAgo = (count: number): Date => new Date(Date.UTC(now.getUTCFullYear(), now.getUTCMonth() - count, 1, 12));
const timestamp = (date: Date) => parseTimestamp(`${date.toISOString().slice(0, 19)}Z`);
const month = (count: number): string => monthsAgo(count).toISOString().slice(0, 7);
let world: World;

beforeAll(async () => {
  const clock = fakeClock(timestamp(monthsAgo(2)));
  world = await startWorld(["alpha.example"], { clock });
  await world.settle(ALICE, "Alice", async (alice) => {
    await world.settle(BOB, "Bob", async (bob) => {
      await alice.send({ to: [parseAddress(BOB)], subject: "hush", body: "Hushed words.", keepCopy: false });
      await bob.sync();
      await bob.send({ to: [parseAddress(ALICE)], subject: "hush too", body: "Mine." });
      await bob.sync();
      // Dated before the month that is burned, and brought in after it.
      clock.set(timestamp(now));
      await bob.sync();
      const imported = { from: "Gran <gran@old.example>", to: [], cc: [], date: parseTimestamp("2019-05-05T12:00:00Z"), messageId: null };
      await bob.imports.add({ key: "recipe", imported, subject: "recipe", body: "Two eggs.", attachments: [], read: true });
      await bob.sync();
    });
  });
});
afterAll(async () => await world?.close());

describe("burning", () => {
  it("says what counts, what burns and what stays", async () => {
    const asked = await world.as(BOB, ["burn", "--before", month(0)]);
    expect([asked.code, asked.stderr]).toEqual([
      1,
      expect.stringContaining(
        `you got, sent or imported before ${month(0)} unreadable, for good: all but this month's? Nothing was burned.`,
      ),
    ]);
    const burned = await world.as(BOB, ["burn", "--before", month(1), "--yes"]);
    expect([burned.code, burned.stdout]).toEqual([
      0,
      expect.stringMatching(/2 messages are unreadable from now on\.\n.*1 message dated earlier stays: it was opened or imported in/),
    ]);
  });

  it("leaves lines that say so, in the places where they were", async () => {
    const inbox = await world.as(BOB, ["inbox"]);
    expect(inbox.stdout.match(/.*burned: nobody can read it any more/g)).toEqual([expect.stringContaining(ALICE)]);
    expect(inbox.stdout).toContain("recipe");
    const all = await world.done(BOB, ["inbox", "--sent"]);
    expect(all.filter(({ state }) => state === "burned").map(({ own, from }) => [own, from])).toEqual([
      [true, BOB],
      [false, ALICE],
    ]);
    const number = String(all.find(({ state, own }) => state === "burned" && own === false)?.["number"]);
    for (const command of ["read", "thread", "reply"]) {
      // oxlint-disable-next-line no-await-in-loop -- in one home
      const ran = await world.as(BOB, [command, number, ...(command === "reply" ? ["-t", "x"] : [])]);
      expect([command, ran.code, ran.stdout, ran.stderr]).toEqual([command, 1, "", expect.stringMatching(/burned: nobody can read it/)]);
    }
    expect((await world.as(BOB, ["read", number, "--json"])).objects()).toMatchObject([{ error: { code: "burned" } }]);
    // Looked at once, it is news no more.
    expect(await world.done(BOB, ["inbox", "--unread", "--offline"])).toEqual([]);
    expect(await world.done(BOB, ["search", "hush", "--offline"])).toEqual([]);
  });

  it("does not keep what is left from being exported", async () => {
    const folder = world.file("exported");
    const ran = await world.as(BOB, ["export", folder]);
    expect([ran.code, ran.stderr]).toEqual([0, ""]);
    expect(ran.stdout).toMatch(/^1 exported: .*\n2 burned messages have nothing to export: nobody can read them any more\.\n$/);
    const [file = ""] = await readdir(folder);
    expect(await readFile(`${folder}/${file}`, "utf8")).toContain("Two eggs.");
    expect(await world.done(BOB, ["export", folder])).toMatchObject([{ exported: 0, known: 1, burned: 2, invalid: 0, skipped: 0 }]);
  });
});
