import { describe, expect, it } from "vitest";
import { sightingsOf } from "./sightings.ts";

const TEXT = "canary of a text, 12 words";
const BYTES = Buffer.from("00ff7e8091a2b3c4d5e6f708192a3b4c", "hex");
const sightings = sightingsOf(
  new Map<string, string | Uint8Array>([
    ["text", TEXT],
    ["bytes", BYTES],
  ]),
);

describe("the search for what was planted", () => {
  const around = (middle: Uint8Array | string, before = "x"): Buffer =>
    Buffer.concat([Buffer.from(before), Buffer.from(middle), Buffer.from(" after")]);
  it.each<[string, Uint8Array, string]>([
    ["raw", around(TEXT), "text"],
    ["in capitals", around(TEXT.toUpperCase()), "text"],
    ["in UTF-16", around(Buffer.from(TEXT, "utf16le")), "text"],
    ["in a URL", around(encodeURIComponent(TEXT)), "text"],
    ["hex", Buffer.from(around(TEXT).toString("hex")), "text"],
    ["bytes, raw", around(BYTES), "bytes"],
    ["bytes, hex", Buffer.from(around(BYTES).toString("hex").toUpperCase()), "bytes"],
    ...(["base64", "base64url"] as const).flatMap((encoding) =>
      ["", "x", "xy"].flatMap((before): [string, Uint8Array, string][] => [
        [`${encoding}, alignment ${before.length}`, Buffer.from(around(TEXT, before).toString(encoding)), "text"],
        [`bytes, ${encoding}, alignment ${before.length}`, Buffer.from(around(BYTES, before).toString(encoding)), "bytes"],
      ]),
    ),
  ])("finds it: %s", (_form, content, name) => {
    expect(sightings.in(content)).toEqual([name]);
  });

  it("finds nothing where nothing is", () => {
    expect(sightings.in("canary of a text, 12 word")).toEqual([]);
  });
});
