import type { FetchResponse } from "@smimp/identity";
import { isSmimpError, parseAddress, parseBaseUrl, randomBytes, utf8 } from "@smimp/protocol";
import { createIdentity, realClock } from "@smimp/testkit";
import { expect, test } from "vitest";
import { createNotices } from "./notices.ts";
import { createPeople } from "./people.ts";
import { adoptPin } from "./pins.ts";
import { createMemoryStorage } from "./storage/memory.ts";

test("a pin that another device's keystore raised meanwhile is not lowered", async () => {
  const baseUrl = parseBaseUrl("https://smimp.alpha.example/");
  const before = createIdentity("alice#alpha.example", baseUrl, realClock());
  const after = before.append();
  const { head } = after.chain;
  const [first] = after.chain.records;
  if (first === undefined) throw new TypeError("a chain has a first record");
  const pin = { first_link: first.link, link: head.link, sequence: head.document.sequence, public_key: head.document.public_key };
  const inner = createMemoryStorage();
  let raised = false;
  const storage = {
    ...inner,
    transact: async <Result>(work: Parameters<typeof inner.transact<Result>>[0]): Promise<Result> => {
      if (!raised) {
        raised = true;
        await inner.transact(async (writer) => void (await adoptPin(inner, writer, { address: before.address, ...pin })));
      }
      return await inner.transact(work);
    },
  };
  const fetch = async (url: string): Promise<FetchResponse> =>
    await Promise.resolve(answer(url.endsWith("/history") ? JSON.stringify(before.history()) : baseUrl));
  const me = parseAddress("me#beta.example");
  const people = createPeople({ storage, fetch, clock: realClock, notices: createNotices(storage, realClock, randomBytes), me });
  await expect(people.resolve(before.address)).rejects.toSatisfy((error) => isSmimpError(error, "temporarily_unavailable"));
  expect((await people.document(before.address))?.pin).toEqual(pin);
});

function answer(text: string): FetchResponse {
  return { status: 200, headers: { get: () => null }, body: once(utf8(text)) };
}

async function* once(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield await Promise.resolve(bytes);
}
