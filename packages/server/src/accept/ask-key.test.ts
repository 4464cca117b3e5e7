import { HOUR, parseBaseUrl, parseMessageType, randomBytes } from "@smimp/protocol";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { checkConfig } from "../config.ts";
import { addAccount, ALICE, BOB, NOW, STRANGER } from "../store/conformance/fixtures.ts";
import { openStore } from "../store/sqlite.ts";
import type { Store } from "../store/store.ts";
import { askKey } from "./ask-key.ts";
import { createRateCounter } from "./rate-counter.ts";

let dataDir: string;
let store: Store;

beforeEach(async () => {
  dataDir = await mkdtemp(join(tmpdir(), "smimp-ask-"));
  store = await openStore({ dataDir });
  await addAccount(store, ALICE);
});
afterEach(async () => {
  await store.close();
  await rm(dataDir, { recursive: true, force: true });
});

it("counts messages only to people that there are", async () => {
  const settings = checkConfig({
    name: "alpha",
    baseUrl: parseBaseUrl("https://smimp.alpha.example/"),
    domains: ["alpha.example"],
    dataDir,
    listen: { host: "127.0.0.1", port: 0 },
    tls: { key: "", certificate: "" },
  });
  const rates = createRateCounter();
  const deps = { store, clock: () => NOW, random: randomBytes, settings, rates };
  const ask = (recipient: typeof ALICE) =>
    askKey(deps, { sender: STRANGER, recipient, messageType: parseMessageType("email"), remoteAddress: "192.0.2.1" }, undefined);
  await expect(ask(BOB)).rejects.toMatchObject({ code: "unknown_user" });
  await expect(ask(ALICE)).rejects.toMatchObject({ code: "pow_required" });
  const counted = [BOB, ALICE].map((recipient) => rates.peek("message", `${STRANGER} ${recipient}`, HOUR, NOW));
  expect(counted).toEqual([0, 1]);
});
