import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { readVector, vectorFiles } from "./vector-files.ts";
import { runVector } from "./vector-format.ts";
import { OPERATIONS } from "./vector-operations.ts";

const root = join(import.meta.dirname, "../../../vectors");

describe("vectors", () => {
  it.each(vectorFiles(root))("%s", async (file) => {
    expect(await runVector(readVector(root, file), OPERATIONS)).toBeNull();
  });

  // The runner itself must be able to fail.
  it.each([
    ["an unknown operation", { operation: "no.such", valid: true, input: {} }],
    ["a name that every object has", { operation: "toString", valid: true, input: {} }],
    ["neither valid nor invalid", { operation: "address.normalize", input: { text: "alice#example.com" } }],
    [
      "another result",
      { operation: "address.normalize", valid: true, input: { text: "alice#example.com" }, expected: { address: "bob#example.com" } },
    ],
    ["more than what was expected", { operation: "address.normalize", valid: true, input: { text: "alice#example.com" }, expected: {} }],
    ["a refusal", { operation: "address.normalize", valid: true, input: { text: "alice" }, expected: { address: "alice" } }],
    ["no refusal", { operation: "address.normalize", valid: false, input: { text: "alice#example.com" }, error: null }],
    ["another code", { operation: "address.normalize", valid: false, input: { text: "alice" }, error: "bad_request" }],
    ["an incomplete input", { operation: "seal.seal", valid: false, input: {}, error: null }],
  ])("reports %s", async (_, vector) => {
    expect(await runVector({ format: "", name: "", ...vector } as never, OPERATIONS)).toBeTypeOf("string");
  });
});
