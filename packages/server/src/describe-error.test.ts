import { SmimpError } from "@smimp/protocol";
import { DatabaseSync } from "node:sqlite";
import { expect, it } from "vitest";
import { describeError } from "./describe-error.ts";

const CANARY = "canary0123456789";

it("says what kind of error it was and where, and nothing that came with it", () => {
  const errors: unknown[] = [
    new Error(CANARY, { cause: new TypeError(`x\n    at ${CANARY}`) }),
    Object.assign(new Error(`getaddrinfo ENOTFOUND ${CANARY}`), { code: "ENOTFOUND", syscall: "getaddrinfo", hostname: CANARY }),
    new SmimpError("conflict", CANARY, { members: { [CANARY]: CANARY } }),
    Object.assign(new Error("x"), { code: `${CANARY}\n` }),
    CANARY,
    { stack: CANARY, message: CANARY },
  ];
  try {
    JSON.parse(`{"${CANARY}`);
  } catch (error) {
    errors.push(error);
  }
  for (const error of errors) expect(describeError(error)).not.toContain(CANARY);
  expect(describeError(errors[0])).toMatch(/^Error\n {4}at [^]+\ncaused by TypeError\n {4}at /);
  expect(describeError(errors[1])).toMatch(/^Error ENOTFOUND getaddrinfo\n {4}at /);
});

it("says what SQLite said", () => {
  const database = new DatabaseSync(":memory:");
  let thrown: unknown;
  try {
    database.exec(`CREATE TABLE t (a TEXT CHECK (a <> '${CANARY}')); INSERT INTO t VALUES ('${CANARY}')`);
  } catch (error) {
    thrown = error;
  }
  database.close();
  expect(describeError(thrown)).toMatch(/^Error ERR_SQLITE_ERROR constraint failed\n/);
  expect(describeError(thrown)).not.toContain(CANARY);
});

it("ends where errors lead to each other", () => {
  const first: Error & { cause?: unknown } = new Error("first");
  first.cause = new Error("second", { cause: first });
  expect(describeError(first).match(/caused by/g)).toHaveLength(3);
});
