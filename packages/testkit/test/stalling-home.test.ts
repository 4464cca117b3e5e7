import { openClient } from "@smimp/client";
import { randomBytes } from "@smimp/protocol";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import type { Lie, ToldAnswer } from "../src/index.ts";
import { EVIL, GOOD, sendTo, startMaliciousWorld, type MaliciousWorld } from "./malicious.ts";

// docs/threat-model.md, "One's own server, gone bad": a server that takes requests and doesn't answer them, or not to the end.

let world: MaliciousWorld;
beforeAll(async () => {
  world = await startMaliciousWorld();
});
afterEach(async () => await world.calm());
afterAll(async () => await world.close());

/** One byte of white space now and then, for ever. */
const DRIP: ToldAnswer = { status: 200, headers: { "content-type": "application/json" }, body: Buffer.from(" "), stop: "drip" };
/** Seconds in the place of the minute that a client waits. */
const PATIENCE = 3;

const stalls: readonly [string, Lie][] = [
  ["accepts and never answers", async () => await Promise.resolve(null)],
  ["drips", async () => await Promise.resolve(DRIP)],
  ["sends half of each answer and no more", async (_request, truth) => ({ ...(await truth()), stop: "half" })],
];

describe("one's own server that stalls", () => {
  it.each(stalls)("%s: other work goes on, and what waits for it ends with temporarily_unavailable", async (name, lie) => {
    const slug = `stall${name.split(" ")[0]}`;
    const me = await world.join(`${slug}#${EVIL}`);
    const friend = await world.join(`${slug}friend#${GOOD}`);
    const content = randomBytes(300_000);
    const open = async function* (): AsyncGenerator<Uint8Array> {
      yield await Promise.resolve(content);
    };
    const attachments = [{ name: "a", mediaType: "text/plain", size: content.length, open }];
    await friend.client.send({ to: [me.client.address], subject: "read", body: "text", attachments, keepCopy: false });
    expect((await sendTo(me.client, friend.client.address)).state).toBe("sent");
    const [line] = (await me.client.sync()).messages;
    if (line === undefined) throw new TypeError("nothing arrived");
    expect((await sendTo(friend.client, me.client.address)).state).toBe("sent");
    // Others still see who their users are: what stalls is all that its user asks.
    const stalled = (path: string): boolean => path.startsWith("/1.0/") && !path.includes("/get_user/");
    world.server.lie(async (request, truth) => (stalled(request.path) ? await lie(request, truth) : await truth()));

    // What waits holds up nothing else. It waits for a minute; here it is stopped before.
    const stop = new AbortController();
    const waiting = [
      me.client.sync({ signal: stop.signal }),
      drain(me.client.inbox.attachment(line.messageId, 0, { signal: stop.signal })),
    ];
    let ended = 0;
    const outcomes = waiting.map(
      async (work) =>
        await work
          .then(
            () => "done",
            (error: unknown) => error,
          )
          .finally(() => ended++),
    );
    expect((await me.client.inbox.read(line.messageId)).body).toBe("text");
    expect((await me.client.inbox.list()).map(({ subject }) => subject)).toEqual(["read"]);
    expect((await sendTo(me.client, friend.client.address)).state).toBe("sent");
    expect(ended).toBe(0);
    stop.abort();

    // With less patience it is not stopped, and ends by itself.
    const { fetch, clock } = world.network;
    const hasty = await openClient({ storage: me.storage, deps: { fetch, clock, random: randomBytes, patience: PATIENCE } });
    const works = [hasty.sync(), hasty.keys.rotate(), drain(hasty.inbox.attachment(line.messageId, 0))];
    await Promise.all(works.map(async (work) => await expect(work).rejects.toMatchObject({ code: "temporarily_unavailable" })));
    await Promise.all(outcomes);

    // Nothing is lost once it answers again.
    world.server.lie(null);
    await friend.client.sync();
    expect((await friend.client.inbox.list()).map(({ subject }) => subject)).toEqual(["secret subject", "secret subject"]);
    await me.client.sync();
    expect((await me.client.inbox.list()).map(({ subject }) => subject).sort()).toEqual(["read", "secret subject"]);
    await hasty.close();
  });
});

async function drain(pieces: AsyncIterable<Uint8Array>): Promise<void> {
  for await (const _piece of pieces);
}
