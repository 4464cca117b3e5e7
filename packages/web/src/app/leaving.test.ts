import { afterEach, expect, test, vi } from "vitest";
import { EngineError, type Engine } from "../engine/connect.ts";
import { lockMailbox, onLeaving } from "./leaving.ts";

afterEach(() => vi.unstubAllGlobals());

function engineThat(call: () => Promise<void>): Engine {
  return { call: call as unknown as Engine["call"], listen: () => () => undefined };
}

test("what views have is kept, then the mailbox is locked", async () => {
  const said: string[] = [];
  const stop = onLeaving(async () => {
    await Promise.resolve();
    said.push("kept");
  });
  await lockMailbox(
    engineThat(async () => {
      await Promise.resolve();
      said.push("locked");
    }),
  );
  stop();
  expect(said).toEqual(["kept", "locked"]);
});

test("where the engine died, the mail goes from sight with the page; any other fault leaves the page as it is", async () => {
  const reload = vi.fn<() => void>();
  vi.stubGlobal("location", { reload });
  const failing = (code: string): Engine => engineThat(async () => await Promise.reject(new EngineError({ code, message: "it failed" })));
  await expect(lockMailbox(failing("internal"))).rejects.toThrow("it failed");
  expect(reload).not.toHaveBeenCalled();
  await expect(lockMailbox(failing("EngineFailed"))).rejects.toThrow("it failed");
  expect(reload).toHaveBeenCalledOnce();
});
