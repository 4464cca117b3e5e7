import { expect, test } from "vitest";
import { connectEngine, type EngineWorker } from "./connect.ts";
import type { EngineMessage } from "./protocol.ts";

type Listener = (event: MessageEvent<EngineMessage>) => void;

test("an engine that fails later rejects what waits and what comes, and says so", async () => {
  const heard = new Map<string, Listener>();
  const worker: EngineWorker = {
    postMessage: () => undefined,
    addEventListener: (type: string, listener: unknown) => void heard.set(type, listener as Listener),
  };
  const engine = connectEngine(worker);
  const told: string[] = [];
  engine.listen(({ type }) => told.push(type));
  heard.get("message")?.({ data: { ready: true } } as MessageEvent<EngineMessage>);
  const waiting = engine.call("door.begin", []);
  setTimeout(() => heard.get("error")?.({} as MessageEvent<EngineMessage>), 0);
  await expect(waiting).rejects.toMatchObject({ code: "EngineFailed" });
  expect(told).toEqual(["failed"]);
  await expect(engine.call("door.begin", [])).rejects.toMatchObject({ code: "EngineFailed" });
});
