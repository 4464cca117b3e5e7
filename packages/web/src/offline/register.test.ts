import { afterEach, expect, test, vi } from "vitest";
import { keepOffline } from "./register.ts";

afterEach(() => vi.unstubAllGlobals());

/** A browser's service workers, with one in control or none. */
function browser(controller: object | null): EventTarget {
  const registration = Object.assign(new EventTarget(), { waiting: null, installing: null });
  const serviceWorker = Object.assign(new EventTarget(), { controller, register: async () => registration });
  vi.stubGlobal("navigator", { serviceWorker });
  vi.stubGlobal("location", new URL("https://smimp.a.test/"));
  return serviceWorker;
}

test("whichever tab takes a newer version, each is told that it took over, and none of the first one", async () => {
  const onReplaced = vi.fn<() => void>();
  const how = { when: Promise.resolve(), onWaiting: () => undefined, onReplaced, onChosen: () => undefined };
  const known = browser({});
  await keepOffline(how);
  known.dispatchEvent(new Event("controllerchange"));
  expect(onReplaced).toHaveBeenCalledTimes(1);

  const fresh = browser(null);
  await keepOffline(how);
  fresh.dispatchEvent(new Event("controllerchange"));
  expect(onReplaced).toHaveBeenCalledTimes(1);
  fresh.dispatchEvent(new Event("controllerchange"));
  expect(onReplaced).toHaveBeenCalledTimes(2);
});
