import { buffer } from "node:stream/consumers";
import type { Fetch, FetchResponse } from "@smimp/identity";
import { messageIdOf } from "@smimp/protocol";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { createChooser } from "../chooser.ts";
import { runSteps } from "./run.ts";
import { shrink } from "./shrink.ts";
import { chooseSteps, type Step } from "./steps.ts";
import { makeTemplate, type Template } from "./template.ts";
import { Violation } from "../violation.ts";

// Whether the model finds what it is there to find: each of these puts one lie between clients and servers.

let template: Template;
beforeAll(async () => {
  template = await makeTemplate();
});
afterAll(() => template.remove());

const step = (op: string, ...args: readonly number[]): Step => ({ op, args, fault: null, beside: null });
/** Alice writes to Bob, who syncs. */
const WRITE = step("send", 0, 1, -1, -1, 40, -1, -1, 0);
const BOB_SYNCS = step("sync", 1);

async function violationOf(steps: readonly Step[], betray: (ask: Fetch) => Fetch): Promise<string> {
  const failure = await runSteps(template, steps, betray);
  expect(failure?.error).toBeInstanceOf(Violation);
  return failure?.error instanceof Violation ? failure.error.message : "";
}

const answer = (status: number, value?: unknown): FetchResponse => ({
  status,
  headers: { get: (name) => (name.toLowerCase() === "content-type" ? "application/json" : null) },
  body: (async function* () {
    yield await Promise.resolve(Buffer.from(value === undefined ? "" : JSON.stringify(value)));
  })(),
});

test("an honest world holds, with all that befalls it", { timeout: 120_000 }, async () => {
  const failure = await runSteps(template, chooseSteps(createChooser(1), 60));
  expect(failure?.error).toBeUndefined();
});

describe("the model finds", () => {
  test("a message that was acknowledged and thrown away", async () => {
    const lying = (ask: Fetch): Fetch => {
      return async (url, init) => {
        if (!url.includes("/send_message/") || typeof init.body !== "string") return await ask(url, init);
        return answer(200, { message_id: messageIdOf(JSON.parse(init.body) as { data: string; signature: string }) });
      };
    };
    expect(await violationOf([WRITE], lying)).toMatch(/was acknowledged .* doesn't have it/);
  });

  test("a single-use key that is given out twice", async () => {
    let first: Promise<Buffer> | undefined;
    const lying = (ask: Fetch): Fetch => {
      return async (url, init) => {
        const response = await ask(url, init);
        if (!url.endsWith("/get_message_key") || response.status !== 200) return response;
        if (response.body === null) return response;
        first ??= buffer(response.body);
        return answer(200, JSON.parse((await first).toString("utf8")));
      };
    };
    expect(await violationOf([WRITE, WRITE], lying)).toMatch(/was given out twice/);
  });

  test("a deletion that was acknowledged and not done", async () => {
    const lying = (ask: Fetch): Fetch => {
      return async (url, init) => (init.method === "DELETE" ? answer(204) : await ask(url, init));
    };
    // The device forgets it all the same; its server doesn't, which nobody sees but a device that starts over.
    const steps = [WRITE, BOB_SYNCS, step("mark", 1, 0, 1), step("remove", 1, 0)];
    expect(await violationOf(steps, lying)).toMatch(/the server still holds/);
  });

  test("a keystore that was acknowledged and not kept", async () => {
    const lying = (ask: Fetch): Fetch => {
      return async (url, init) => (init.method === "PUT" && url.endsWith("/keystore") ? answer(204) : await ask(url, init));
    };
    const steps = [step("send", 1, 0, -1, -1, 40, -1, -1, 0), step("drain", 1, 0, 60), step("sync", 0)];
    expect(await violationOf(steps, lying)).toMatch(/whose secret is not in the keystore|an older keystore than it acknowledged/);
  });

  test("what a failure hangs on, and nothing else", { timeout: 120_000 }, async () => {
    const lying = (ask: Fetch): Fetch => {
      return async (url, init) => (url.includes("/message_read/") && init.method === "POST" ? answer(204) : await ask(url, init));
    };
    const steps = [
      step("time", 60),
      WRITE,
      step("flush", 2, 1),
      BOB_SYNCS,
      step("restart-server", 0),
      step("mark", 1, 0, 1),
      step("sync", 3),
    ];
    const shortest = await shrink(steps, async (candidate) => (await runSteps(template, candidate, lying)) !== null);
    expect(shortest.map(({ op }) => op)).toEqual(["send", "sync", "mark"]);
  });
});
