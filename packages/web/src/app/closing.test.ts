import { afterEach, beforeEach, expect, test, vi } from "vitest";

const close = vi.fn<() => void>();
const gone = vi.fn<() => void>();
const place = { hash: "" };
vi.mock("wouter/use-hash-location", () => ({ navigate: (to: string) => void (place.hash = `#${to}`) }));
vi.mock("../ui/toasts.tsx", () => ({ clearToasts: gone }));

beforeEach(() => {
  vi.stubGlobal("location", place);
  vi.stubGlobal("navigator", { serviceWorker: { getRegistration: async () => ({ getNotifications: async () => [{ close }] }) } });
});
afterEach(() => vi.unstubAllGlobals());

test("a closed mailbox leaves nothing in sight, and its owner comes back to where they were", async () => {
  const { followClosing } = await import("./closing.ts");
  place.hash = "#/chat/bob%23beta.example";
  followClosing({ kind: "locked" });
  expect(place.hash).toBe("#/");
  expect(gone).toHaveBeenCalled();
  await vi.waitFor(() => expect(close).toHaveBeenCalled());
  // Another word that it is locked changes nothing.
  followClosing({ kind: "locked" });
  followClosing({ kind: "open" });
  expect(place.hash).toBe("#/chat/bob%23beta.example");
});

test("the ways into a mailbox stay as they are, and nobody comes back to a place in another one", async () => {
  const { followClosing } = await import("./closing.ts");
  for (const hash of ["", "#/", "#/restore", "#/link", "#/invite", "#a-code"]) {
    place.hash = hash;
    followClosing({ kind: "empty" });
    expect(place.hash).toBe(hash);
  }
  place.hash = "#/label/secret";
  followClosing({ kind: "elsewhere" });
  followClosing({ kind: "empty" });
  followClosing({ kind: "open" });
  expect(place.hash).toBe("#/");
});
