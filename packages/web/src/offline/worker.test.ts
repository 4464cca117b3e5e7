import { afterEach, expect, test, vi } from "vitest";

type Listener = (event: object) => void;

afterEach(() => vi.unstubAllGlobals());

test("a notification that is chosen leads to its message, whether a window is open or not", async () => {
  const listeners = new Map<string, Listener>();
  const openWindow = vi.fn<(url: string) => Promise<void>>();
  const window = { focus: vi.fn<() => Promise<void>>(async () => undefined), postMessage: vi.fn<(message: unknown) => void>() };
  let windows = [window];
  vi.stubGlobal("BUILD", { version: "1", files: [] });
  vi.stubGlobal("registration", { scope: "https://smimp.a.test/" });
  vi.stubGlobal("clients", { matchAll: async () => windows, openWindow });
  vi.stubGlobal("addEventListener", (type: string, listener: Listener) => void listeners.set(type, listener));
  await import("./worker.ts");
  const choose = async (data: unknown): Promise<void> => {
    const work: Promise<unknown>[] = [];
    const waitUntil = (each: Promise<unknown>): void => void work.push(each);
    listeners.get("notificationclick")?.({ notification: { data, close: () => undefined }, waitUntil });
    await Promise.all(work);
  };

  await choose("#/inbox/m/1");
  expect(window.focus).toHaveBeenCalledOnce();
  expect(window.postMessage).toHaveBeenCalledWith({ open: "#/inbox/m/1" });
  windows = [];
  await choose("#/inbox/m/1");
  expect(openWindow).toHaveBeenLastCalledWith("https://smimp.a.test/#/inbox/m/1");
  await choose("//evil.example/");
  expect(openWindow).toHaveBeenLastCalledWith("https://smimp.a.test/");
});
