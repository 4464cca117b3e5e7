import type { NamedCase } from "../report.ts";
import { tryRequest } from "../server/try-request.ts";
import type { Arena } from "./schema-cases.ts";

// Paths as they stand on the wire, in both versions of HTTP: look-alikes, other encodings of the same thing, ways out.

/** What a path may lead to: a success, or these codes. */
type Expected = "success" | readonly string[];

const ADDRESSES: readonly (readonly [what: string, segment: string, expected: Expected])[] = [
  ["in normal form", "alice%23alpha.example", "success"],
  ["in upper case, which is lowered", "ALICE%23Alpha.EXAMPLE", "success"],
  ["with lower-case escapes", "%61lice%23alpha.example", "success"],
  ["with a Kelvin sign, which lowers to k", "%e2%84%aaate%23alpha.example", ["bad_address"]],
  ["with a dotless i", "al%c4%b1ce%23alpha.example", ["bad_address"]],
  ["with a dotted capital I", "al%c4%b0ce%23alpha.example", ["bad_address"]],
  ["with a full-width letter", "%ef%bd%81lice%23alpha.example", ["bad_address"]],
  ["with a full-width number sign", "alice%ef%bc%83alpha.example", ["bad_address"]],
  ["with a small number sign", "alice%ef%b9%9falpha.example", ["bad_address"]],
  ["with a Cyrillic a", "%d0%b0lice%23alpha.example", ["bad_address"]],
  ["with an ideographic full stop", "alice%23alpha%e3%80%82example", ["bad_address"]],
  ["with a soft hyphen", "ali%c2%adce%23alpha.example", ["bad_address"]],
  ["with a zero-width space", "alice%e2%80%8b%23alpha.example", ["bad_address"]],
  ["with a combining accent", "alice%cc%81%23alpha.example", ["bad_address"]],
  ["with a right-to-left override", "%e2%80%aealice%23alpha.example", ["bad_address"]],
  ["with a mathematical letter", "%f0%9d%91%8elice%23alpha.example", ["bad_address"]],
  ["with a trailing dot", "alice%23alpha.example.", ["bad_address"]],
  ["with a leading dot in its domain", "alice%23.alpha.example", ["bad_address"]],
  ["with two dots", "alice%23alpha..example", ["bad_address"]],
  ["with a single label", "alice%23localhost", ["bad_address"]],
  ["with an IPv4 address", "alice%23127.0.0.1", ["bad_address"]],
  ["with an IPv6 address", "alice%23%5b%3a%3a1%5d", ["bad_address"]],
  ["with a hexadecimal last label", "alice%23example.0x7f", ["bad_address"]],
  ["with a port", "alice%23alpha.example%3a443", ["bad_address"]],
  ["with an underscore", "alice%23al_pha.example", ["bad_address"]],
  ["with a hyphen at a label's end", "alice%23alpha-.example", ["bad_address"]],
  ["with a label of 64", `alice%23${"a".repeat(64)}.example`, ["bad_address"]],
  ["with a domain of 254", `alice%23${"a.".repeat(126)}ab`, ["bad_address"]],
  ["with a local part of 65", `${"a".repeat(65)}%23alpha.example`, ["bad_address"]],
  ["with an empty local part", "%23alpha.example", ["bad_address"]],
  ["with an empty domain", "alice%23", ["bad_address"]],
  ["with two number signs", "alice%23%23alpha.example", ["bad_address"]],
  ["with an at sign", "alice@alpha.example", ["bad_address"]],
  ["with a plus", "alice+x%23alpha.example", ["bad_address"]],
  ["with a dot in its local part", "al.ice%23alpha.example", ["bad_address"]],
  ["encoded twice", "alice%2523alpha.example", ["bad_address"]],
  ["encoded three times", "alice%252523alpha.example", ["bad_address"]],
  ["with a space before", "%20alice%23alpha.example", ["bad_address"]],
  ["with a line feed after", "alice%23alpha.example%0a", ["bad_address"]],
  ["with a line break inside", "alice%0d%0aX-Injected:1%23alpha.example", ["bad_address"]],
  ["with a zero byte", "alice%23alpha.example%00", ["bad_address"]],
  ["with a zero byte inside", "alice%00%23alpha.example", ["bad_address"]],
  ["with an overlong slash", "alice%c0%af%23alpha.example", ["bad_request"]],
  ["with an overlong zero byte", "alice%c0%80%23alpha.example", ["bad_request"]],
  ["with a surrogate as UTF-8", "alice%ed%a0%80%23alpha.example", ["bad_request"]],
  ["with a cut UTF-8 character", "alice%e2%84%23alpha.example", ["bad_request"]],
  ["with a wrong escape", "alice%zz%23alpha.example", ["bad_request"]],
  ["with a cut escape", "alice%23alpha.example%2", ["bad_request"]],
  ["with only a percent sign", "%", ["bad_request"]],
  ["with a slash as escape", "alice%2f%23alpha.example", ["bad_address"]],
  ["with a way out", "..%2f..%2fhealth", ["bad_address"]],
  ["named __proto__", "__proto__", ["bad_address"]],
  ["of 5,000 characters", "a".repeat(5_000), ["bad_request", "not_found"]],
  ["of 5,000 escapes", "%61".repeat(4_000), ["bad_request", "not_found"]],
];

const HEX = "0".repeat(64);

const PATHS: readonly (readonly [what: string, target: string, expected: Expected])[] = [
  ["the version", "/version", "success"],
  ["with a question mark at its end", "/version?", "success"],
  ["with a slash at its end", "/version/", ["not_found"]],
  ["with two slashes", "//version", ["not_found"]],
  ["with two slashes inside", "/1.0//server_information", ["not_found"]],
  ["in upper case", "/VERSION", ["not_found"]],
  ["with a dot segment", "/1.0/./server_information", ["not_found"]],
  ["with a way up", "/1.0/../version", ["not_found"]],
  ["with an encoded way up", "/1.0/%2e%2e/version", ["not_found"]],
  ["with a backslash", "/1.0\\server_information", ["not_found"]],
  ["with a path parameter", "/version;x=1", ["not_found"]],
  ["with a zero byte", "/version%00", ["not_found"]],
  ["with a zero byte and an ending", "/version%00.txt", ["not_found"]],
  ["with encoded letters", "/%76ersion", ["success", "not_found"]],
  ["of the routes inside", "/base/version", ["not_found"]],
  ["of the routes inside, encoded", "/%62ase/version", ["not_found"]],
  ["of the routes outside", "/outside", ["not_found"]],
  ["of another version", "/2.0/server_information", ["unsupported_version"]],
  ["of a version before", "/0.1/server_information", ["unsupported_version"]],
  ["of a long version", `/${"9".repeat(3_000)}.0/quota`, ["unsupported_version"]],
  ["of no version", "/1.0", ["not_found"]],
  ["of the version with a dot encoded", "/1%2e0/server_information", ["success", "not_found"]],
  ["with a wrong escape in the query", "/1.0/changes?since=%zz", ["unauthenticated", "bad_request"]],
  ["with an overlong slash in the query", "/1.0/changes?since=%c0%af", ["unauthenticated", "bad_request"]],
  ["with 5,000 parameters", `/version?${"a=1&".repeat(2_500)}`, "success"],
  ["with __proto__ in the query", "/version?__proto__=1&__proto__[x]=1&constructor[prototype][x]=1", "success"],
  ["of the source", "/package.json", ["not_found"]],
  ["of the database", "/smimp.sqlite", ["not_found"]],
  ["of 10,000 characters", `/${"a".repeat(10_000)}`, ["not_found"]],
  ["of 4,000 segments", "/a".repeat(4_000), ["not_found"]],
];

/** Queries of somebody who is logged in. */
const QUERIES: readonly (readonly [what: string, target: string, expected: Expected])[] = [
  ["a state", "/1.0/changes?since=0", "success"],
  ["a state twice", "/1.0/changes?since=0&since=0", ["bad_request"]],
  ["a state as a list", "/1.0/changes?since[]=0", ["bad_request"]],
  ["a state as an object", "/1.0/changes?since[toString]=0", ["bad_request"]],
  ["no state", "/1.0/changes", ["bad_request"]],
  ["an empty state", "/1.0/changes?since=", ["bad_request"]],
  ["a state below zero", "/1.0/changes?since=-1", ["bad_request"]],
  ["a state with an exponent", "/1.0/changes?since=1e1", ["bad_request"]],
  ["a state in Arabic digits", "/1.0/changes?since=%d9%a1", ["bad_request"]],
  ["a state of 64 digits", `/1.0/changes?since=${"9".repeat(64)}`, ["state_too_old", "bad_request"]],
  ["a state of 65 digits", `/1.0/changes?since=${"9".repeat(65)}`, ["bad_request"]],
  ["a state beyond 2^53", "/1.0/changes?since=9007199254740993", ["state_too_old", "bad_request"]],
  ["a state that is to come", "/1.0/changes?since=4503599627370496", ["state_too_old", "bad_request"]],
  ["a state with a zero byte", "/1.0/changes?since=0%00", ["bad_request"]],
  ["a state with a semicolon", "/1.0/changes?since=0;since=1", ["bad_request"]],
  ["a limit of 0", "/1.0/folder/email?limit=0", ["bad_request"]],
  ["a limit of 501", "/1.0/folder/email?limit=501", ["bad_request"]],
  ["a limit with a sign", "/1.0/folder/email?limit=%2b1", ["bad_request"]],
  ["a cursor that nobody made", "/1.0/folder/email?cursor=AAAA", ["success", "bad_request"]],
  ["a cursor of dots", "/1.0/folder/email?cursor=..", ["success", "bad_request"]],
  ["a cursor of 129", `/1.0/folder/email?cursor=${"1".repeat(129)}`, ["bad_request"]],
  ["a cursor beyond 2^53", `/1.0/folder/email?cursor=${"9".repeat(60)}`, ["success", "bad_request"]],
  ["a message type that is none", "/1.0/folder/x-custom-", ["bad_request", "not_found"]],
  ["a message type in upper case", "/1.0/folder/EMAIL", ["bad_request"]],
  ["a message type of 65", `/1.0/folder/x-custom-${"a".repeat(56)}`, ["bad_request"]],
  ["a keystore version of 16 digits", "/1.0/keystore?version=9999999999999999", ["bad_request"]],
  ["a keystore version that is not there", "/1.0/keystore?version=999999999999999", ["not_found"]],
  ["a keystore version of -0", "/1.0/keystore?version=-0", ["bad_request"]],
  ["a message id that is none", `/1.0/message/${HEX}0/false`, ["bad_request"]],
  ["a message id in upper case", `/1.0/message/${"AB".repeat(32)}/false`, ["bad_request"]],
  ["a message id that nobody has", `/1.0/message/${HEX}/false`, ["not_found"]],
  ["update_read in upper case", `/1.0/message/${HEX}/TRUE`, ["bad_request"]],
  ["update_read as a number", `/1.0/message/${HEX}/1`, ["bad_request"]],
  ["a blob that nobody has", `/1.0/blob/${HEX}`, ["not_found"]],
];

/** Paths and queries, all of them asked with GET. */
export function pathCases(): readonly NamedCase<Arena>[] {
  return [
    ...ADDRESSES.map(([what, segment, expected]) => asked(`an address ${what}`, `/1.0/get_user/${segment}/public_key`, expected, false)),
    ...PATHS.map(([what, target, expected]) => asked(`a path ${what}`, target, expected, false)),
    ...QUERIES.map(([what, target, expected]) => asked(`asked for: ${what}`, target, expected, true)),
  ];
}

function asked(name: string, target: string, expected: Expected, loggedIn: boolean): NamedCase<Arena> {
  return {
    name,
    async run({ world }) {
      const headers: readonly (readonly [string, string])[] = loggedIn ? [["smimp-authentication", world.tokens.alice]] : [];
      const request = { method: "GET", target, headers, body: new Uint8Array(), framing: "none" } as const;
      const expectation =
        expected === "success" ? { codes: [], success: true } : { codes: expected, success: expected.includes("success") };
      const first = await tryRequest(world, request, expectation, 1);
      const second = await tryRequest(world, request, expectation, 2);
      return [...first.faults, ...second.faults.map((fault) => `over HTTP/2: ${fault}`)];
    },
  };
}
