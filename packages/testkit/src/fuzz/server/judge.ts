import { fromUtf8, isProblemCode, isServerCode, isSmimpError, parseJson, statusOf, type JsonValue } from "@smimp/protocol";
import type { WireAnswer } from "../wire/http1.ts";
import type { World } from "./world.ts";

/** What may come back for a request. */
export interface Expectation {
  /** Codes that a refusal may have; any of protocol section 10 but `temporarily_unavailable` where left out. */
  readonly codes?: readonly string[];
  /** The request may also succeed. */
  readonly success?: boolean;
  /** The server may also close the line without a word: what came is no HTTP. */
  readonly silence?: boolean;
  /** Tables that even a refusal may change. */
  readonly mayChange?: readonly string[];
  /** The answer to HEAD has no body. */
  readonly head?: boolean;
}

/** Milliseconds that any answer may take: a bound against what hangs, not a measure of speed. */
export const LONGEST_ANSWER = 10_000;

/** Traces of what happens inside: stacks, modules, the database's own words. */
const INSIDES =
  /\n\s+at |node:internal|node_modules|file:\/\/|\.[jt]s:\d+|SQLITE_|UNIQUE constraint|SQL logic|TypeError|RangeError|undefined|\[object /;

/** What is wrong with an answer; empty where nothing is. */
export function faultsOfAnswer(world: World, answer: WireAnswer | null, expected: Expectation): readonly string[] {
  if (answer === null) return expected.silence === true ? [] : ["no answer"];
  const { status, headers, body } = answer;
  const faults: string[] = [];
  const header = (wanted: string): string | undefined => headers.find(([name]) => name === wanted)?.[1];
  const whole = `${headers.map(([name, value]) => `${name}: ${value}`).join("\n")}\n${Buffer.from(body).toString("latin1")}`;
  for (const secret of world.secrets) if (whole.includes(secret)) faults.push(`the answer holds a planted secret: ${secret.slice(0, 12)}…`);
  if (header("access-control-allow-origin") !== "*") faults.push("the answer is not for every origin");
  if (header("set-cookie") !== undefined) faults.push("the answer sets a cookie");
  if (status < 400) return expected.success === true || status === 304 ? faults : [...faults, `accepted with status ${status}`];
  if (status === 416) return faults;
  return [...faults, ...faultsOfProblem(world, answer, expected, header)];
}

function faultsOfProblem(
  world: World,
  { status, body }: WireAnswer,
  expected: Expectation,
  header: (name: string) => string | undefined,
): readonly string[] {
  if (header("content-type") !== "application/problem+json") return [`status ${status} is no problem document`];
  if (expected.head === true) return [];
  const text = Buffer.from(body).toString("latin1");
  const faults: string[] = [];
  if (INSIDES.test(text)) faults.push(`the answer shows the server's insides: ${text.slice(0, 300)}`);
  for (const token of Object.values(world.tokens)) if (text.includes(token)) faults.push("the answer holds a session token");
  const document = documentOf(body);
  if (document === null) return [...faults, "the problem document is no JSON object"];
  const { code } = document;
  if (!isProblemCode(code) || !isServerCode(code)) return [...faults, `the code ${JSON.stringify(code)} is none of protocol section 10`];
  if (statusOf(code) !== status) faults.push(`${code} came with status ${status}`);
  const expectedCodes = expected.codes;
  if (expectedCodes === undefined) {
    // Honest under bounds, it says when to come back; what nobody foresaw doesn't.
    if (code === "temporarily_unavailable" && header("retry-after") === undefined)
      faults.push("temporarily_unavailable without Retry-After");
  } else if (!expectedCodes.includes(code)) {
    faults.push(`${code} instead of ${expectedCodes.join(" or ") || "success"}: ${JSON.stringify(document["detail"])}`);
  }
  return faults;
}

function documentOf(body: Uint8Array): Readonly<Record<string, JsonValue>> | null {
  try {
    const value = parseJson(fromUtf8(body));
    return typeof value === "object" && value !== null && !Array.isArray(value) ? (value as Readonly<Record<string, JsonValue>>) : null;
  } catch (error) {
    if (!isSmimpError(error)) throw error;
    return null;
  }
}

/** What is wrong with a server beside its answers: lines of its log that nobody foresaw, or that hold secrets. */
export function faultsOfLog(world: World, log: string): readonly string[] {
  const unexpected = log
    .split("\n")
    .filter((line) => /"level":[56]0|unexpected error|UnhandledPromise|DeprecationWarning|heap out of memory/.test(line));
  const secrets = [...world.secrets, ...Object.values(world.tokens)].filter((secret) => log.includes(secret));
  return [
    ...unexpected.map((line) => `in the log: ${line.slice(0, 2_000)}`),
    ...secrets.map((secret) => `the log holds a secret: ${secret.slice(0, 12)}…`),
  ];
}
