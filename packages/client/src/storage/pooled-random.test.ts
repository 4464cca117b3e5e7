import { randomBytes, toHex } from "@smimp/protocol";
import { expect, test } from "vitest";
import { pooledRandom } from "./pooled-random.ts";

test("hands out every byte once, in whatever portions", () => {
  const drawn: Uint8Array[] = [];
  const random = pooledRandom((length) => {
    const bytes = randomBytes(length);
    drawn.push(bytes.slice());
    return bytes;
  });
  const seen = new Set<string>();
  for (let round = 0; round < 2_000; round++) seen.add(toHex(random(round % 7 === 0 ? 32 : 24)));
  expect(seen.size).toBe(2_000);
  expect(drawn.length).toBeLessThan(20);
  expect(random(100_000)).toHaveLength(100_000);
  const first = random(24);
  first.fill(0);
  expect(random(24).some((byte) => byte !== 0)).toBe(true);
});
