import { readFile } from "node:fs/promises";
import { parseAddress } from "@smimp/protocol";
import { createAuthority } from "@smimp/testkit";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { startWorld, type World } from "./world.ts";

// Taking everything along, and leaving, from a terminal: the real command line as processes, a real server over real TLS.

const CAROL = "carol#alpha.example";
const BOB = "bob#alpha.example";
/** The domain of two servers, of which its smimp.txt names one. */
const PEOPLE = "people.example";
const DAVE = `dave#${PEOPLE}`;
let world: World;
let phrase: string;

beforeAll(async () => {
  const authority = createAuthority();
  const serving = (domain: string) => ({
    domains: [domain, PEOPLE],
    tls: authority.issue({ hosts: [`smimp.${domain}`, domain, PEOPLE] }),
  });
  world = await startWorld(["alpha.example", "beta.example"], { authority, config: serving });
  await world.homeAt(PEOPLE, "alpha.example");
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

  it("moves to another server with everything in it, once its domain names that one", async () => {
    await world.settle(DAVE, "Dave", undefined, "alpha.example");
    await world.done(BOB, ["send", DAVE, "-s", "before the move", "-t", "x"]);
    expect(await world.done(DAVE, ["inbox"])).toMatchObject([{ subject: "before the move" }]);
    const [from, to] = [world.network.server("alpha.example").baseUrl, world.network.server("beta.example").baseUrl];
    const { link } = await world.network.invite("beta.example", parseAddress(DAVE));

    const copied = await world.as(DAVE, ["relocate", "--json"], { input: `${link}\n` });
    const advice = expect.stringContaining(`https://${PEOPLE}/.well-known/smimp.txt`) as string;
    expect(copied.code).toBe(3);
    expect(copied.objects()).toMatchObject([{ address: DAVE, step: "waiting_for_domain", from, to }, { error: { advice } }]);
    // The domain names the old server still.
    expect((await world.as(DAVE, ["relocate"])).code).toBe(3);

    await world.homeAt(PEOPLE, "beta.example");
    expect(await world.done(DAVE, ["relocate"])).toEqual([{ address: DAVE, step: "settling", from, to }]);
    expect(await world.done(DAVE, ["relocate", "--status"])).toMatchObject([{ step: "settling" }]);
    await world.done(BOB, ["send", DAVE, "-s", "after the move", "-t", "x"]);
    const subjects = (await world.done(DAVE, ["inbox"])).map(({ subject }) => subject);
    expect(subjects.toSorted()).toEqual(["after the move", "before the move"]);
    expect((await world.as(DAVE, ["relocate", "--cancel"])).code).toBe(1);
  });

  it("is deleted with the recovery phrase and a yes, and not without", async () => {
    const wrong = await world.as(CAROL, ["leave", "--yes"], { input: `${Array(24).fill("abandon").join(" ")}\n` });
    expect(wrong.code).toBe(1);
    const unsure = await world.as(CAROL, ["leave"], { input: `${phrase}\n` });
    expect([unsure.code, unsure.stderr]).toEqual([1, expect.stringContaining("--yes")]);
    expect(await world.done(CAROL, ["leave", "--yes"], { input: `${phrase}\n` })).toMatchObject([{ address: CAROL, deleted: true }]);
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
