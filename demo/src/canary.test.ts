import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { makeCanary, searchBytes, searchFolder } from "./canary.ts";

const canary = makeCanary("subject", "Hello");
const other = makeCanary("body", "Hello");

describe("searchBytes", () => {
  it.each<[string, (text: string) => Buffer]>([
    ["raw", (text) => Buffer.from(text)],
    ["UTF-16", (text) => Buffer.from(text, "utf16le")],
    ["hex", (text) => Buffer.from(Buffer.from(text).toString("hex"))],
    ["HEX", (text) => Buffer.from(Buffer.from(text).toString("hex").toUpperCase())],
    ...(["base64", "base64url"] as const).flatMap((encoding) =>
      [0, 1, 2, 3, 4].map((before): [string, (text: string) => Buffer] => [
        `${encoding} after ${before} bytes`,
        (text) => Buffer.from(Buffer.from(`${"x".repeat(before)}${text}, and more`).toString(encoding)),
      ]),
    ),
  ])("finds a canary as %s", (_form, encode) => {
    const content = Buffer.concat([Buffer.from("noise "), encode(canary.text), Buffer.from(" noise")]);
    const sightings = searchBytes("here", content, [canary, other]);
    expect(sightings.length).toBeGreaterThan(0);
    expect(new Set(sightings.map((each) => `${each.place} ${each.where}`))).toEqual(new Set(["subject here"]));
  });

  it("finds nothing where nothing is", () => {
    expect(searchBytes("here", Buffer.from(other.text), [canary])).toEqual([]);
  });
});

describe("searchFolder", () => {
  let folder: string;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), "smimp-canary-"));
  });
  afterEach(async () => await rm(folder, { recursive: true, force: true }));

  it("looks into every file at every depth", async () => {
    await mkdir(join(folder, "a", "b"), { recursive: true });
    await writeFile(join(folder, "a", "b", "c"), canary.text);
    await writeFile(join(folder, "d"), "nothing");
    const { files, sightings } = await searchFolder(folder, [canary]);
    expect([files, sightings.map((each) => each.where)]).toEqual([2, [join(folder, "a", "b", "c")]]);
  });
});
