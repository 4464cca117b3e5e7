import { beforeEach, expect, test, vi } from "vitest";
import type { Core, Opened } from "./core.ts";
import type { MailboxState } from "./protocol.ts";

const readVault = vi.fn<() => Promise<object | null>>();
const done: string[] = [];
let state: MailboxState;
let opened: Opened | null;

vi.mock("./vault.ts", () => ({ readVault, changeVault: async () => await readVault() }));
vi.mock("./core.ts", () => ({
  LockedError: Error,
  createCore: () => {
    const core: Partial<Core> = {
      state: () => state,
      opened: () => opened,
      urgently: async (work) => await work(),
      close: async () => {
        done.push("closed");
        await Promise.resolve();
      },
      release: () => void done.push("released"),
      become: (next) => (state = next),
    };
    return core;
  },
}));

beforeEach(() => {
  done.length = 0;
  state = { kind: "open", address: "bob#beta.example", baseUrl: "https://smimp.beta.example" };
  opened = { client: { address: "bob#beta.example" } } as Opened;
});

async function lock(): Promise<void> {
  const { createHouse } = await import("./house.ts");
  await createHouse({ deps: {} } as Parameters<typeof createHouse>[0]).lock();
}

test("a mailbox locks", async () => {
  readVault.mockResolvedValue({});
  await lock();
  expect(done).toEqual(["closed", "released"]);
  expect(state).toEqual({ kind: "locked", address: "bob#beta.example" });
});

test("also where the vault can't be read", async () => {
  readVault.mockRejectedValue(new TypeError("the disk is gone"));
  await expect(lock()).rejects.toThrow("the disk is gone");
  expect(done).toEqual(["closed", "released"]);
  expect(state).toEqual({ kind: "locked", address: "bob#beta.example" });
});

test("where the vault was cleared away, nothing is left to be unlocked", async () => {
  readVault.mockResolvedValue(null);
  await lock();
  expect(done).toEqual(["closed", "released"]);
  expect(state).toEqual({ kind: "empty" });
});

test("one without a passphrase is not locked: it could never be opened again", async () => {
  readVault.mockResolvedValue({ passphrase: null });
  state = { kind: "joining", address: "bob#beta.example", step: "passphrase", isNew: true };
  await lock();
  expect(done).toEqual([]);
  expect(state.kind).toBe("joining");
});
