import { ENDPOINTS, type Endpoint, type EndpointName } from "@smimp/protocol";
import type { NamedCase } from "../report.ts";
import { wireOf } from "../server/mutate-request.ts";
import { tryRequest } from "../server/try-request.ts";
import type { Arena } from "./schema-cases.ts";

// Headers of requests that are as they should be otherwise.

type Headers = readonly (readonly [name: string, value: string])[];
type Expected = "success" | readonly string[];

const json = (value: string): Headers => [["content-type", value]];

/** Content types of a JSON body. Only the type itself counts, by RFC 9110 without regard to case and with parameters. */
const CONTENT_TYPES: readonly (readonly [what: string, headers: Headers, expected: Expected])[] = [
  ["as it should be", json("application/json"), "success"],
  ["in upper case", json("Application/JSON"), "success"],
  ["with a charset", json("application/json; charset=utf-8"), "success"],
  ["with a tab after", json("application/json\t"), "success"],
  ["with spaces before", json("  application/json"), "success"],
  ["with a semicolon after", json("application/json;"), "success"],
  ["with a tab and a charset", json("application/json\t;charset=utf-8"), "success"],
  // The bytes are read as UTF-8 whatever a label says.
  ["with another charset", json("application/json; charset=utf-16"), "success"],
  // As Node reads headers that stand once: the first counts.
  ["twice", [...json("application/json"), ...json("application/json")], "success"],
  ["twice, the right one first", [...json("application/json"), ...json("text/plain")], "success"],
  ["twice, the wrong one first", [...json("text/plain"), ...json("application/json")], ["bad_request"]],
  ["missing", [], ["bad_request"]],
  ["empty", json(""), ["bad_request"]],
  ["a bare semicolon", json(";"), ["bad_request"]],
  ["with a semicolon before", json(";application/json"), ["bad_request"]],
  ["with a tab inside", json("application/\tjson"), ["bad_request"]],
  ["with a space inside", json("application/ json"), ["bad_request"]],
  ["with a comma", json("application/json,text/plain"), ["bad_request"]],
  ["another type first", json("text/plain, application/json"), ["bad_request"]],
  ["as a parameter of another", json("text/plain; application/json"), ["bad_request"]],
  ["a longer one", json("application/json5"), ["bad_request"]],
  ["with a suffix", json("application/x+json"), ["bad_request"]],
  ["a problem document", json("application/problem+json"), ["bad_request"]],
  ["plain text", json("text/plain"), ["bad_request"]],
  ["a form", json("application/x-www-form-urlencoded"), ["bad_request"]],
  ["parts", json("multipart/form-data; boundary=x"), ["bad_request"]],
  ["bytes", json("application/octet-stream"), ["bad_request"]],
  ["only the main type", json("application"), ["bad_request"]],
  ["named __proto__", json("__proto__"), ["bad_request"]],
  ["of 8,000 characters", json(`application/${"j".repeat(8_000)}`), ["bad_request"]],
  ["with 8,000 semicolons", json(`application/x${";".repeat(8_000)}`), ["bad_request"]],
];

const token = (value: string): Headers => [["smimp-authentication", value]];

const TOKENS: readonly (readonly [what: string, headers: Headers])[] = [
  ["missing", []],
  ["empty", token("")],
  ["of zeros", token("A".repeat(43))],
  ["one character short", token("A".repeat(42))],
  ["one character long", token("A".repeat(44))],
  ["with padding", token(`${"A".repeat(43)}=`)],
  ["with bits to spare", token(`${"A".repeat(42)}B`)],
  ["in another alphabet", token(`${"+/".repeat(21)}A`)],
  ["in hex", token("0".repeat(64))],
  ["with a scheme", token(`Bearer ${"A".repeat(43)}`)],
  ["of 10,000 characters", token("A".repeat(10_000))],
  ["twice", [...token("A".repeat(43)), ...token("B".repeat(42))]],
  ["in another header", [["authorization", `Bearer ${"A".repeat(43)}`]]],
  ["in a cookie", [["cookie", `smimp-authentication=${"A".repeat(43)}`]]],
  ["named __proto__", token("__proto__")],
];

const CONDITIONS: readonly (readonly [what: string, headers: Headers, expected: readonly string[]])[] = [
  ["missing", [], ["precondition_required"]],
  ["empty", [["if-match", ""]], ["bad_request"]],
  ["a star", [["if-match", "*"]], ["bad_request"]],
  ["weak", [["if-match", 'W/"a"']], ["bad_request"]],
  ["without quotation marks", [["if-match", "a"]], ["bad_request"]],
  ["without the second quotation mark", [["if-match", '"a']], ["bad_request"]],
  ["two of them", [["if-match", '"a", "b"']], ["bad_request"]],
  [
    "two headers",
    [
      ["if-match", '"a"'],
      ["if-match", '"b"'],
    ],
    ["bad_request"],
  ],
  [
    "both kinds",
    [
      ["if-match", '"a"'],
      ["if-none-match", "*"],
    ],
    ["bad_request"],
  ],
  ["none-match of one", [["if-none-match", '"a"']], ["bad_request"]],
  ["none-match of nothing", [["if-none-match", ""]], ["bad_request", "precondition_required"]],
  ["of 129 characters", [["if-match", `"${"a".repeat(129)}"`]], ["bad_request"]],
  ["an empty ETag", [["if-match", '""']], ["bad_request"]],
  ["with a backslash", [["if-match", '"\\"']], ["bad_request"]],
  ["with SQL", [["if-match", `"' OR 1=1 --"`]], ["precondition_failed"]],
  ["of zeros", [["if-match", `"${"0".repeat(64)}"`]], ["precondition_failed"]],
  ["that nothing is there", [["if-none-match", "*"]], ["precondition_failed"]],
];

const RANGES: readonly (readonly [what: string, value: string, status: number])[] = [
  ["the first byte", "bytes=0-0", 206],
  ["the last byte", "bytes=-1", 206],
  ["all but the first", "bytes=1-", 206],
  ["more than all", "bytes=0-999999999999999", 206],
  ["more than all from the end", "bytes=-999999999999999", 206],
  ["beyond the end", "bytes=2000-", 416],
  ["far beyond the end", "bytes=999999999999999-", 416],
  ["nothing from the end", "bytes=-0", 416],
  ["backwards", "bytes=5-1", 200],
  ["two ranges", "bytes=0-1,3-4", 200],
  ["1,000 ranges", `bytes=${Array.from({ length: 1_000 }, (_, i) => `${i}-${i}`).join(",")}`, 200],
  ["16 digits", "bytes=0-9999999999999999", 206],
  ["another unit", "items=0-1", 200],
  ["upper case", "Bytes=0-1", 206],
  ["with a space", "bytes= 0-1", 206],
  ["with a tab", "bytes=0-1\t", 206],
  ["a sign", "bytes=+0-1", 200],
  ["hexadecimal", "bytes=0x0-0x1", 200],
  ["no numbers", "bytes=-", 200],
  ["no equals sign", "bytes 0-1", 200],
  ["empty", "", 200],
];

/** Headers of requests: content types, tokens, conditions, ranges, and those that SMIMP doesn't know. */
export function headerCases(): readonly NamedCase<Arena>[] {
  return [
    ...(Object.keys(ENDPOINTS) as EndpointName[])
      .filter((endpoint) => typeof (ENDPOINTS[endpoint] as Endpoint).body === "object")
      .map((endpoint) => typed(endpoint)),
    ...TOKENS.map(([what, headers]) => sent(`a token ${what}`, "getQuota", ["smimp-authentication"], headers, ["unauthenticated"])),
    ...CONDITIONS.map(([what, headers, expected]) =>
      sent(`a condition ${what}`, "putKeystore", ["if-match", "if-none-match"], headers, expected),
    ),
    ...RANGES.map(([what, value, status]) => ranged(`a range: ${what}`, value, status)),
    sent("another session's role", "getQuota", ["smimp-authentication"], "recovery", ["unauthenticated"]),
    sent("a session of somebody remote", "getQuota", ["smimp-authentication"], "bob", ["unauthenticated"]),
    sent("another method by header", "getQuota", [], [["x-http-method-override", "DELETE"]], "success"),
    sent(
      "another path by header",
      "getQuota",
      [],
      [
        ["x-original-url", "/1.0/events"],
        ["x-rewrite-url", "/1.0/events"],
      ],
      "success",
    ),
    sent(
      "another host by header",
      "getQuota",
      [],
      [
        ["x-forwarded-host", "evil.example"],
        ["forwarded", "host=evil.example"],
      ],
      "success",
    ),
    sent("another route by version header", "getQuota", [], [["accept-version", "9.9.9"]], "success"),
    sent("a condition on time", "getQuota", [], [["if-modified-since", "Thu, 01 Jan 2099 00:00:00 GMT"]], "success"),
  ];
}

/** Every content type, at one endpoint. */
function typed(endpoint: EndpointName): NamedCase<Arena> {
  return {
    name: `${endpoint}: content types`,
    async run(arena, count) {
      const found: string[] = [];
      for (const [what, headers, expected] of CONTENT_TYPES) {
        count();
        // oxlint-disable-next-line no-await-in-loop
        const faults = await sent(what, endpoint, ["content-type"], headers, expected).run(arena, count);
        found.push(...faults.map((fault) => `${what}: ${fault}`));
      }
      return found;
    },
  };
}

function sent(
  name: string,
  endpoint: EndpointName,
  without: readonly string[],
  added: Headers | "recovery" | "bob",
  expected: Expected,
): NamedCase<Arena> {
  return {
    name,
    async run({ world, drafts }) {
      const draft = await drafts.get(endpoint);
      const kept = draft.headers.filter(([header]) => !without.includes(header));
      const headers = [...kept, ...(typeof added === "string" ? token(world.tokens[added]) : added)];
      const request = wireOf({ ...draft, headers }, ENDPOINTS[endpoint].method);
      const { faults, answer } = await tryRequest(
        world,
        request,
        expected === "success" ? { codes: [], success: true } : { codes: expected, success: expected.includes("success") },
      );
      if (answer !== null && answer.status < 400) drafts.usedUp(endpoint);
      return faults;
    },
  };
}

function ranged(name: string, value: string, status: number): NamedCase<Arena> {
  return {
    name,
    async run({ world, drafts }) {
      const draft = await drafts.get("getBlob");
      const request = wireOf({ ...draft, headers: [...draft.headers, ["range", value]] }, "GET");
      const { faults, answer } = await tryRequest(world, request, { success: true });
      const length = Number(answer?.headers.find(([header]) => header === "content-length")?.[1] ?? 0);
      const honest = answer?.body.length === length;
      return [
        ...faults,
        ...(answer?.status === status ? [] : [`status ${answer?.status} instead of ${status}`]),
        ...(honest ? [] : ["the length is not that of the body"]),
      ];
    },
  };
}
