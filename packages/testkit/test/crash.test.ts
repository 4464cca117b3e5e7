import { DatabaseSync } from "node:sqlite";
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { isSmimpError, type Hex32 } from "@smimp/protocol";
import {
  createIdentity,
  rawCaller,
  rawJoin,
  rawSession,
  realClock,
  sealRaw,
  startNetwork,
  type Network,
  type RawAnswer,
} from "../src/index.ts";
import { generous } from "./generous.ts";

// Protocol section 6: answered only once it is on durable storage. The server is killed as by a power cut while it works.

const ROUNDS = 50;
/** Milliseconds that a round lasts at the most before the server is killed. */
const LONGEST_ROUND = 500;
/** Milliseconds that a server just started needs for its first answers. */
const SHORTEST_ROUND = 100;

let network: Network;

beforeAll(async () => {
  network = await startNetwork({ domains: ["alpha.example"], config: generous, processes: true });
});
afterAll(async () => await network.close());

it(
  `kill -9 of the server at random points of a send loop, ${ROUNDS} rounds: every acknowledged message is there once, no key came twice`,
  { timeout: 300_000 },
  async () => {
    const server = network.server("alpha.example");
    const running = server.process;
    if (running === null) throw new TypeError("the server must be a process");
    const call = rawCaller(network.fetch, server.baseUrl);
    const alice = createIdentity("alice#alpha.example", server.baseUrl, realClock());
    const bob = createIdentity("bob#alpha.example", server.baseUrl, realClock());
    await rawJoin(network, alice);
    await rawJoin(network, bob);

    const acknowledged = new Set<Hex32>();
    const issued: Hex32[] = [];
    let uploaded = 0;

    /** Sends until the server is gone. What was not answered may or may not have happened. */
    const sendLoop = async (): Promise<void> => {
      try {
        const token = await rawSession(network, server.baseUrl, bob);
        const owner = await rawSession(network, server.baseUrl, alice);
        for (;;) {
          const keys = Array.from({ length: 4 }, () => alice.messageKey("ephemeral", realClock()));
          const added = await call("addEphemeralKeys", { token: owner, body: { keys: keys.map(({ statement }) => statement) } });
          if (added.code === null) uploaded += keys.length;
          await Promise.all(
            keys.map(async () => {
              const asked = await call("getMessageKey", { token, body: { address: alice.address, message_type: "email" } });
              if (asked.code !== null) throw new Error(`the server refuses: ${asked.code}`);
              const envelope = sealRaw(bob, alice.address, asked.answer, realClock());
              if (asked.answer.message_key.data.includes('"ephemeral"')) issued.push(envelope.document.key_id);
              const sent = await call("sendMessage", { token, params: { address: alice.address }, body: envelope.statement });
              if (sent.code === null) acknowledged.add(sent.answer.message_id);
              else throw new Error(`the server refuses: ${sent.code}`);
            }),
          );
        }
      } catch (error) {
        // What ends a round is a connection that is gone; a refusal would be a fault of the server.
        if (error instanceof Error && error.message.startsWith("the server refuses")) throw error;
        if (isSmimpError(error) && error.code !== "temporarily_unavailable") throw error;
      }
    };

    for (let round = 0; round < ROUNDS; round++) {
      const loop = sendLoop();
      await new Promise((resolve) => setTimeout(resolve, SHORTEST_ROUND + Math.random() * (LONGEST_ROUND - SHORTEST_ROUND)));
      await running.kill();
      await loop;
      await running.restart();
    }

    const owner = await rawSession(network, server.baseUrl, alice);
    const stored: Hex32[] = [];
    let cursor: string | null = null;
    do {
      const page: RawAnswer<"getFolder"> = await call("getFolder", {
        token: owner,
        params: { message_type: "email" },
        query: { limit: "500", ...(cursor === null ? {} : { cursor }) },
      });
      stored.push(...page.answer.messages.map(({ message_id }) => message_id));
      cursor = page.answer.cursor;
    } while (cursor !== null);

    expect(acknowledged.size).toBeGreaterThan(ROUNDS / 2);
    expect(uploaded).toBeGreaterThan(0);
    expect(new Set(stored).size).toBe(stored.length);
    expect([...acknowledged].filter((id) => !stored.includes(id))).toEqual([]);
    expect(new Set(issued).size).toBe(issued.length);

    await running.kill();
    const folder = server.config.dataDir;
    const file = readdirSync(folder).find((name) => /\.(?:db|sqlite)$/.test(name));
    const database = new DatabaseSync(join(folder, file ?? "smimp.db"));
    expect(
      database
        .prepare("PRAGMA integrity_check")
        .all()
        .map((row) => row["integrity_check"]),
    ).toEqual(["ok"]);
    database.close();
    await running.restart();
  },
);
