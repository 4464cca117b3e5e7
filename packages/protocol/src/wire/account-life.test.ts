import { expect, it } from "vitest";
import { checkShape, HEX, lineOf, NO_HEX, noBytes, statementOf } from "../../test/shape-checks.ts";
import * as accountLife from "./account-life.ts";

it("has the endpoints of accounts that go and come", () => {
  expect(Object.fromEntries(Object.entries(accountLife).map(([name, endpoint]) => [name, lineOf(endpoint)]))).toEqual({
    deleteAccount: "DELETE account anyone, json -> usual nothing, 65536",
    exportAccount: "GET export? owner, nothing -> usual ndjson, 65536",
    importAccount: "POST import_account session, bytes (application/x-ndjson) -> usual json, 65536",
  });
});

it("bounds what they take and give", () => {
  checkShape(accountLife.deleteAccount.body, statementOf(4_096), {
    data: { refuses: [1, "x".repeat(4_097)] },
    signature: { refuses: noBytes(64) },
  });
  checkShape(
    accountLife.exportAccount.query,
    { since: "9".repeat(64) },
    { since: { optional: true, takes: ["0"], refuses: ["", "-1", "1.", "9".repeat(65), 1] } },
  );
  checkShape(accountLife.importAccount.answer, { link: HEX }, { link: { refuses: NO_HEX } });
});
