import { expect, it } from "vitest";
import { checkShape, HEX, lineOf, moreThan, NO_HEX, NO_TIME, TIME, times, zeros } from "../../test/shape-checks.ts";
import * as lists from "./lists.ts";

const NOTE = { takes: [null, ""], refuses: moreThan(1_024) };
const entry = { hash: HEX, note: zeros(1_024), created_at: TIME };

it("has the endpoints of lists", () => {
  expect(Object.fromEntries(Object.entries(lists).map(([name, endpoint]) => [name, lineOf(endpoint)]))).toEqual({
    getAllowlist: "GET allowlist? owner, nothing -> usual json, 65536",
    addToAllowlist: "POST allowlist owner, json -> usual json, 65536",
    removeFromAllowlist: "DELETE allowlist/{hash} owner, nothing -> usual nothing, 65536",
    getBlocklist: "GET blocklist? owner, nothing -> usual json, 65536",
    addToBlocklist: "POST blocklist owner, json -> usual json, 65536",
    removeFromBlocklist: "DELETE blocklist/{hash} owner, nothing -> usual nothing, 65536",
  });
});

it.each([
  [lists.getAllowlist, lists.addToAllowlist, lists.removeFromAllowlist],
  [lists.getBlocklist, lists.addToBlocklist, lists.removeFromBlocklist],
])("bounds what they take and give, list %#", (get, add, remove) => {
  checkShape(get.query, { cursor: HEX }, { cursor: { optional: true, refuses: NO_HEX } });
  checkShape(
    get.answer,
    { entries: times(1_000, entry), cursor: HEX },
    {
      entries: { takes: [[]], refuses: [null, times(1_001, entry), [1]] },
      cursor: { takes: [null], refuses: NO_HEX.slice(1) },
    },
  );
  for (const wrong of [...NO_HEX, undefined]) checkEntry({ ...entry, hash: wrong });
  for (const wrong of [...NO_TIME, undefined]) checkEntry({ ...entry, created_at: wrong });
  for (const wrong of [...NOTE.refuses, undefined]) checkEntry({ ...entry, note: wrong });
  checkShape(
    add.body,
    { entry: "e".repeat(318), note: zeros(1_024) },
    { entry: { takes: [""], refuses: [1, "e".repeat(319)] }, note: NOTE },
  );
  checkShape(add.answer, { hash: HEX }, { hash: { refuses: NO_HEX } });
  checkShape(remove.params, { hash: HEX }, { hash: { refuses: NO_HEX } });

  function checkEntry(wrong: object): void {
    checkShape(get.answer, { entries: [entry], cursor: null }, { entries: { refuses: [[wrong]] }, cursor: { refuses: [] } });
  }
});
