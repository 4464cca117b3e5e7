import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { lockMailbox } from "../../app/leaving.ts";
import type { Engine } from "../../engine/connect.ts";
import { compose } from "../../messages/en/compose.ts";
import { sendSoon } from "./outgoing.ts";

/** An engine that notes what it is asked. */
function engineOf(): { readonly engine: Engine; readonly asked: string[] } {
  const asked: string[] = [];
  const call = async (name: string, args: readonly unknown[]): Promise<{ readonly id: string }> => {
    asked.push([name, ...args].join(" "));
    return await Promise.resolve({ id: "e1" });
  };
  return { engine: { call: call as unknown as Engine["call"], listen: () => () => undefined }, asked };
}

beforeEach(() => {
  const page = new EventTarget();
  vi.stubGlobal("addEventListener", page.addEventListener.bind(page));
  vi.stubGlobal("removeEventListener", page.removeEventListener.bind(page));
  vi.stubGlobal("dispatchEvent", page.dispatchEvent.bind(page));
  vi.stubGlobal("document", Object.assign(new EventTarget(), { visibilityState: "visible" }));
});
afterEach(() => vi.unstubAllGlobals());

test("what waits to be sent is sent as soon as its writer looks elsewhere, once", async () => {
  const { engine, asked } = engineOf();
  sendSoon(engine, compose, "d1");
  document.dispatchEvent(new Event("visibilitychange"));
  expect(asked).toEqual([]);
  Object.assign(document, { visibilityState: "hidden" });
  document.dispatchEvent(new Event("visibilitychange"));
  dispatchEvent(new Event("pagehide"));
  expect(asked).toEqual(["drafts.enqueue d1"]);
  await vi.waitFor(() => {
    const leaving = new Event("beforeunload", { cancelable: true });
    dispatchEvent(leaving);
    expect(leaving.defaultPrevented).toBe(false);
  });
  expect(asked).toEqual(["drafts.enqueue d1"]);
});

test("whoever closes the page is asked, and it is sent", () => {
  const { engine, asked } = engineOf();
  sendSoon(engine, compose, "d2");
  const leaving = new Event("beforeunload", { cancelable: true });
  dispatchEvent(leaving);
  expect([leaving.defaultPrevented, ...asked]).toEqual([true, "drafts.enqueue d2"]);
});

test("it is in the outbox before the mailbox is locked", async () => {
  const { engine, asked } = engineOf();
  sendSoon(engine, compose, "d3");
  await lockMailbox(engine);
  expect(asked).toEqual(["drafts.enqueue d3", "door.lock"]);
});
