import { afterEach, beforeEach, expect, test, vi } from "vitest";
import type { Engine } from "../../engine/connect.ts";
import type { EngineEvent } from "../../engine/protocol.ts";
import { compose } from "../../messages/en/compose.ts";
import { toast } from "../../ui/toasts.tsx";
import { tellOnceSent } from "./telling.ts";

vi.mock(import("../../ui/toasts.tsx"), async (original) => ({ ...(await original()), toast: vi.fn<typeof toast>() }));

beforeEach(() => {
  vi.useFakeTimers();
  vi.mocked(toast).mockClear();
});
afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

test("it is said once that a message has gone to everybody", async () => {
  vi.stubGlobal("navigator", { onLine: true });
  const states = ["sending", "sending"];
  let hear: (event: EngineEvent) => void = () => undefined;
  const copies = (): unknown => states.map((state) => ({ own: false, state }));
  const engine = {
    call: async () => await Promise.resolve([{ id: "e1", copies: copies() }]),
    listen: (listener: typeof hear) => {
      hear = listener;
      return () => void (hear = () => undefined);
    },
  } as unknown as Engine;
  tellOnceSent(engine, compose, "e1");
  for (const index of [0, 1, 1]) {
    expect(toast).not.toHaveBeenCalledWith({ text: "Sent." });
    states[index] = "sent";
    hear({ type: "changed", topics: ["outbox"] });
    // oxlint-disable-next-line no-await-in-loop -- one look after the other
    await vi.runAllTimersAsync();
    if (states.every((state) => state === "sent")) break;
  }
  expect(vi.mocked(toast).mock.calls).toEqual([[{ text: "Sent." }]]);
});

test("without a network it is said that it waits", () => {
  vi.stubGlobal("navigator", { onLine: false });
  tellOnceSent({} as Engine, compose, "e1");
  expect(vi.mocked(toast).mock.calls).toEqual([[{ text: compose.sending.waits }]]);
});
