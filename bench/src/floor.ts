import { fork } from "node:child_process";
import { once } from "node:events";
import { rm, mkdtemp } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { randomBytes, signingKey, signStatement, toB64 } from "@smimp/protocol";
import { createAuthority } from "@smimp/testkit";
import { postBytes, type Target } from "./connection.ts";
import type { FloorStart } from "./floor-server.ts";
import { runLoad } from "./load.ts";

/** Bytes of the document that the floor stores: about what an envelope around 4 KiB of text comes to. */
const FLOOR_DOCUMENT_BYTES = 8_000;
/** Requests that warm the floor up before anything is measured. */
const WARM_UP = 300;

/** The floor, running. */
export interface Floor {
  /** Requests a second with so many senders, measured for about that long. */
  measure(senders: number, seconds: number): Promise<number>;
  close(): Promise<void>;
}

/** Starts the floor in a process of its own. */
export async function startFloor(): Promise<Floor> {
  const folder = await mkdtemp(join(tmpdir(), "smimp-bench-"));
  const authority = createAuthority();
  const host = "floor.example";
  const key = signingKey(randomBytes(32));
  const child = fork(new URL("./floor-server.ts", import.meta.url));
  const start: FloorStart = { ...authority.issue({ hosts: [host] }), file: join(folder, "floor.sqlite"), publicKey: key.publicKey };
  child.send(start);
  const [{ port }] = (await once(child, "message")) as [{ port: number }];
  const target: Target = { port, host, ca: authority.certificate };
  const statement = signStatement("envelope", key, JSON.stringify({ text: toB64(randomBytes((FLOOR_DOCUMENT_BYTES * 3) / 4)) }));
  const request = postBytes(target, "/send", JSON.stringify(statement));
  const run = async (senders: number, each: number): Promise<number> => {
    const requests = Array.from({ length: each }, () => request);
    return (
      await runLoad(
        target,
        Array.from({ length: senders }, () => requests),
      )
    ).rate;
  };
  await run(10, WARM_UP / 10);
  return {
    measure: async (senders, seconds) => {
      const probe = await run(senders, Math.ceil(WARM_UP / senders));
      return await run(senders, Math.ceil((probe * seconds) / senders));
    },
    close: async () => {
      const gone = once(child, "exit");
      child.disconnect();
      await gone;
      await rm(folder, { recursive: true, force: true });
    },
  };
}
