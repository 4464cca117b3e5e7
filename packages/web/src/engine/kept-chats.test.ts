import { createMemoryStorage } from "@smimp/client";
import type { Address } from "@smimp/protocol";
import { expect, test } from "vitest";
import { keepChats, keptChats, type KeptChat } from "./kept-chats.ts";

const BOB = "bob#beta.example" as Address;
const chat = (text: string, ...contents: readonly Blob[]): KeptChat => ({
  people: [BOB],
  text,
  files: contents.map((content, at) => ({ key: `file-${at}`, name: `${at}.bin`, mediaType: "text/plain", size: content.size, content })),
});

test("what is written in conversations comes back as it was, with files of several pieces, until it is sent", async () => {
  const storage = createMemoryStorage();
  expect(await keptChats(storage)).toEqual([]);
  const large = new Uint8Array(600 * 1024).map((_, at) => at % 251);
  await keepChats(storage, [chat("Coming?", new Blob(["plan"]), new Blob([large]))]);
  const [back] = await keptChats(storage);
  expect(back).toMatchObject({ people: [BOB], text: "Coming?", files: [{ name: "0.bin" }, { name: "1.bin", size: large.length }] });
  const [small, whole] = await Promise.all(
    (back?.files ?? []).map(async ({ content }) => (content instanceof Blob ? await content.bytes() : null)),
  );
  expect([new TextDecoder().decode(small ?? undefined), whole]).toEqual(["plan", large]);
  await keepChats(storage, []);
  expect([await keptChats(storage), await storage.keys("web-chat-files")]).toEqual([[], []]);
});

test("a file that is not whole is left out, and its text is there", async () => {
  const storage = createMemoryStorage();
  const broken = {
    size: 4,
    slice: () => {
      throw new Error("the mailbox was locked");
    },
  };
  const content = Object.setPrototypeOf(broken, Blob.prototype) as Blob;
  await expect(keepChats(storage, [chat("Half", content)])).rejects.toThrow("locked");
  expect(await keptChats(storage)).toEqual([{ people: [BOB], text: "Half", files: [] }]);
});
