import { isGone } from "./health.ts";
import { encodeHttp1, type WireRequest } from "./draft.ts";
import { faultsOfAnswer, faultsOfLog, LONGEST_ANSWER, type Expectation } from "./judge.ts";
import type { WireAnswer } from "../wire/http1.ts";
import type { World } from "./world.ts";

/** Sends a request and says what is wrong with what came of it; empty where nothing is. */
export async function tryRequest(world: World, request: WireRequest, expected: Expectation, version: 1 | 2 = 1): Promise<Tried> {
  world.state.mark();
  const before = world.process.logs().length;
  const started = performance.now();
  const head = request.method === "HEAD";
  const { answer, fault } = version === 1 ? await overHttp1(world, request) : { answer: await overHttp2(world, request), fault: null };
  const milliseconds = performance.now() - started;
  await logged(world, before);
  const faults = [...faultsOfAnswer(world, answer, { ...expected, head }), ...faultsOfLog(world, world.process.logs().slice(before))];
  if (fault !== null) faults.push(`the answer is no HTTP: ${fault}`);
  if (milliseconds > LONGEST_ANSWER) faults.push(`the answer took ${Math.round(milliseconds)} ms`);
  // What is cut off without a word may have been a whole request, with something behind it.
  const refused = answer === null ? expected.silence !== true : answer.status >= 400;
  const changed = refused ? world.state.changed() : [];
  faults.push(
    ...changed.filter((table) => expected.mayChange?.includes(table) !== true).map((table) => `a refused request changed ${table}`),
  );
  if (isGone(world)) faults.push("the server's process is gone");
  return { faults, answer, changed };
}

/** What came of a request. */
export interface Tried {
  readonly faults: readonly string[];
  readonly answer: WireAnswer | null;
  /** Tables that a refusal changed. */
  readonly changed: readonly string[];
}

async function overHttp1(world: World, request: WireRequest, again = true): Promise<{ answer: WireAnswer | null; fault: string | null }> {
  const bytes = encodeHttp1(request, world.target.host);
  const line = await world.http1();
  const { answers, closed, fault } = await line.talk(bytes, { milliseconds: LONGEST_ANSWER + 1_000, head: request.method === "HEAD" });
  const answer = answers[0] ?? null;
  if (closed || answer === null || isLast(answer)) line.close();
  // A line that was open already may have been ended by the server just now: the next one is new.
  return answer === null && line.wasUsed() && again ? await overHttp1(world, request, false) : { answer, fault };
}

/** Whether nothing more is asked on this line: it ends, it is a stream without end, or what is left of a refused body would be read as the next request. */
function isLast({ status, headers }: WireAnswer): boolean {
  const says = (name: string, value: string): boolean => headers.some(([each, said]) => each === name && said === value);
  return status >= 400 || says("connection", "close") || says("content-type", "text/event-stream");
}

async function overHttp2(world: World, { method, target, headers, body }: WireRequest): Promise<WireAnswer | null> {
  const line = world.http2();
  const all: Record<string, string | string[]> = {
    ":method": method,
    ":path": target,
    ":authority": world.target.host,
    ":scheme": "https",
  };
  for (const [name, value] of headers) {
    const before = all[name.toLowerCase()];
    all[name.toLowerCase()] = before === undefined ? value : [before, value].flat();
  }
  const answer = await line.request(all, body, LONGEST_ANSWER + 1_000);
  if (answer === null) line.close();
  return answer;
}

/** Milliseconds that a log line needs at the most to come here; some requests have none. */
const LOG_WAIT = 40;

/** Waits for the line that ends a request, so that what was logged before it is this request's. */
async function logged(world: World, before: number): Promise<void> {
  const ends = performance.now() + LOG_WAIT;
  while (performance.now() < ends && !world.process.logs().slice(before).includes('"msg":"request"')) {
    // oxlint-disable-next-line no-await-in-loop
    await new Promise((resolve) => setTimeout(resolve, 1));
  }
}
