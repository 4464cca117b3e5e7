import { readFile } from "node:fs/promises";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { startWorld, type World } from "./world.ts";

// Taking everything along, and leaving, from a terminal: the real command line as processes, a real server over real TLS.

const CAROL = "carol#alpha.example";
const BOB = "bob#alpha.example";
let world: World;
let phrase: string;

beforeAll(async () => {
  world = await startWorld(["alpha.example"]);
  phrase = await world.settle(CAROL, "Carol");
  await world.settle(BOB, "Bob");
});
afterAll(async () => await world?.close());

describe("an account", () => {
  it("is taken out whole, sealed as it lies there", async () => {
    await world.done(BOB, ["send", CAROL, "-s", "a secret subject", "-t", "x"]);
    await world.done(CAROL, ["inbox"]);
    const file = world.file("carol.takeout");
    await world.done(CAROL, ["takeout", file]);
    const text = await readFile(file, "utf8");
    expect(
      text
        .split("\n")
        .filter(Boolean)
        .every((line) => typeof JSON.parse(line) === "object"),
    ).toBe(true);
    expect(text).toContain(CAROL);
    expect(text).not.toContain("secret subject");
    expect((await world.as(CAROL, ["takeout", file])).code).toBe(1);
  });

  it("says that it is not moving, and does not move without an invite", async () => {
    expect(await world.done(CAROL, ["relocate", "--status"])).toMatchObject([{ step: "none" }]);
    const refused = await world.as(CAROL, ["relocate"], { input: "no link\n" });
    expect([refused.code, refused.stderr]).toEqual([1, expect.stringContaining("✗")]);
  });

  it("is deleted with the recovery phrase, and not without", async () => {
    const wrong = await world.as(CAROL, ["leave"], { input: `${Array(24).fill("abandon").join(" ")}\n` });
    expect(wrong.code).toBe(1);
    expect(await world.done(CAROL, ["leave"], { input: `${phrase}\n` })).toMatchObject([{ address: CAROL, deleted: true }]);
    for (const args of [["inbox"], ["send", BOB, "-t", "one more word"], ["devices"], ["keys"], ["watch"]]) {
      // oxlint-disable-next-line no-await-in-loop -- in one home
      const ran = await world.as(CAROL, args);
      expect({ args, code: ran.code, stderr: ran.stderr }).toEqual({
        args,
        code: 1,
        stderr: expect.stringContaining(`The account ${CAROL} was deleted`) as string,
      });
    }
    expect((await world.as(CAROL, ["inbox", "--offline"])).stdout).toContain("a secret subject");
    const copy = await world.as(BOB, ["send", CAROL, "-t", "still there?", "--json"]);
    expect(copy.code).toBe(1);
  });
});
