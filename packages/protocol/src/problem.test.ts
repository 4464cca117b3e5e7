import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { isProblemCode, isServerCode, isSmimpError, PROBLEM_CODES, SmimpError, statusOf, type ProblemCode } from "./problem.ts";

const text = readFileSync(join(import.meta.dirname, "../../../docs/protocol.md"), "utf8");

/** Codes of protocol section 10, those of servers and those that only clients and sites find. */
function documented(): { readonly server: readonly string[]; readonly local: readonly string[] } {
  const [, paragraph = ""] = /\n## 10\. Errors\n\n([\s\S]*?) Codes are stable/.exec(text) ?? [];
  const [server = "", local = ""] = paragraph.split("Found by clients and sites only:");
  const codes = (part: string): readonly string[] => [...part.matchAll(/`([a-z_]+)`/g)].map(([, code]) => String(code));
  return { server: codes(server), local: codes(local) };
}

/** Status of each code as protocol section 12 lists them: `400 bad_request, bad_address; 401 ...`. */
function documentedStatus(): ReadonlyMap<string, number> {
  const [, line = ""] = /\nStatus: (.*)/.exec(text.replace(/,\n/g, ", ")) ?? [];
  const found = new Map<string, number>();
  for (const part of line.split(";")) {
    const status = Number(/[0-9]{3}/.exec(part)?.[0]);
    for (const code of documented().server) if (new RegExp(`\\b${code}\\b`).test(part)) found.set(code, status);
  }
  return found;
}

describe("problem codes", () => {
  const { server, local } = documented();

  it("are those of the protocol document, each at its place", () => {
    expect(server.length).toBeGreaterThan(25);
    expect(local.length).toBeGreaterThan(5);
    expect(PROBLEM_CODES.filter(isServerCode).toSorted()).toEqual(server.toSorted());
    expect(PROBLEM_CODES.filter((code) => !isServerCode(code)).toSorted()).toEqual(local.toSorted());
  });

  it("have the status that the protocol document gives them; 400 where only clients find them", () => {
    const statuses = documentedStatus();
    for (const code of server) expect([code, statusOf(code as ProblemCode)]).toEqual([code, statuses.get(code)]);
    for (const code of local) expect([code, statusOf(code as ProblemCode)]).toEqual([code, 400]);
  });

  it("are told from everything else", () => {
    for (const code of PROBLEM_CODES) expect(isProblemCode(code)).toBe(true);
    for (const other of ["", "BAD_REQUEST", "toString", "__proto__", "constructor", 400, null, undefined, {}]) {
      expect(isProblemCode(other)).toBe(false);
      expect(isServerCode(other as never)).toBe(false);
    }
  });
});

describe("SmimpError", () => {
  it("carries what it is given, and nothing that it isn't", () => {
    const cause = new Error("inside");
    const full = new SmimpError("rate_limited", "later", { cause, retryAfter: 5, members: { pow: 1 } });
    expect([full.name, full.code, full.message, full.cause, full.retryAfter, full.members]).toEqual([
      "SmimpError",
      "rate_limited",
      "later",
      cause,
      5,
      { pow: 1 },
    ]);
    const bare = new SmimpError("conflict", "no");
    expect([bare.retryAfter, bare.members, "cause" in bare]).toEqual([undefined, {}, false]);
  });

  it("is told by its code", () => {
    const error = new SmimpError("conflict", "no");
    expect([isSmimpError(error), isSmimpError(error, "conflict"), isSmimpError(error, "not_found")]).toEqual([true, true, false]);
    expect([isSmimpError(new Error("conflict")), isSmimpError({ code: "conflict" }), isSmimpError(null)]).toEqual([false, false, false]);
  });
});
