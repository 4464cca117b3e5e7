import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { kernelModule, kernelTexts } from "./build.ts";

const FILE = join(import.meta.dirname, "../../packages/client/src/work/kernel-bytes.ts");

test("the client carries, byte for byte, what the kernel's sources build", async () => {
  expect(readFileSync(FILE, "utf8")).toBe(await kernelModule());
});

test("a kernel computes once what is the same in every try", () => {
  for (const text of Object.values(kernelTexts())) {
    const [before = "", loop = ""] = text.split("(loop");
    expect(before).toContain(".load");
    expect(loop).not.toContain(".load");
    // 12 rounds of 8 steps of 14 operations, of which a message word that is zero saves one.
    expect(loop.match(/\(local\.set \$word/g)?.length).toBeLessThan(12 * 8 * 13);
  }
});
