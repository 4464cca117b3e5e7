import { fakeClock, newPerson, startNetwork, type FakeClock, type Network } from "@smimp/testkit";
import { createMemoryStorage } from "@smimp/client";
import { afterAll, beforeAll, expect, test } from "vitest";
import { linked } from "./devices-people.ts";

let clock: FakeClock;
let network: Network;

beforeAll(async () => {
  clock = fakeClock();
  network = await startNetwork({ domains: ["alpha.example"], clock });
});
afterAll(async () => await network?.close());

test("that the account is gone is told on the device that deleted it at once, and on the others with their next sync", async () => {
  const phone = await newPerson(network, "alice#alpha.example", { storage: createMemoryStorage() });
  const laptop = await linked(network, phone, "laptop");
  await laptop.client.sync();
  const codesOf = async (client: typeof phone.client): Promise<readonly string[]> => (await client.notices.list()).map(({ code }) => code);
  expect(await codesOf(laptop.client)).toEqual([]);
  await phone.client.account.remove({ phrase: phone.phrase });
  expect(await codesOf(phone.client)).toEqual(["account_deleted"]);
  for (const { client } of [phone, laptop]) {
    for (const _time of ["first", "again"]) {
      // oxlint-disable-next-line no-await-in-loop -- one after the other is the point
      await expect(client.sync()).rejects.toMatchObject({ code: "unknown_user" });
    }
    // oxlint-disable-next-line no-await-in-loop
    expect(await codesOf(client)).toEqual(["account_deleted"]);
    // oxlint-disable-next-line no-await-in-loop
    await client.close();
  }
});
