import type { Address } from "@smimp/protocol";
import { expect, test } from "vitest";
import { createAdding, type AddingParts } from "./adding.ts";
import type { Recipient } from "./recipients.tsx";

function rowOf(): { readonly parts: AddingParts; readonly answer: () => void; readonly texts: () => readonly string[] } {
  const answers: (() => void)[] = [];
  let row: readonly Recipient[] = [];
  return {
    parts: {
      parse: async (texts) => {
        await new Promise<void>((resolve) => void answers.push(resolve));
        return texts.map((text) => (text.includes("#") ? (text as Address) : null));
      },
      row: () => row,
      change: (next) => void (row = next),
    },
    answer: () => answers.shift()?.(),
    texts: () => row.map(({ text }) => text),
  };
}

test("whoever was typed just before sending is among the recipients, though the field is empty by then", async () => {
  const { parts, answer } = rowOf();
  const add = createAdding();
  const left = add(parts, ["bob#beta.example"]);
  const committed = add(parts, [""]);
  await Promise.resolve();
  answer();
  expect((await committed).map(({ text }) => text)).toEqual(["bob#beta.example"]);
  await left;
});

test("two who are added one right after the other are both there, and each once", async () => {
  const { parts, answer, texts } = rowOf();
  const add = createAdding();
  const all = Promise.all([add(parts, ["bob#beta.example, "]), add(parts, ["<carol#beta.example>", "bob#beta.example", "nobody"])]);
  for (let left = 2; left > 0; left--) {
    // oxlint-disable-next-line no-await-in-loop -- they are asked for one after the other
    await new Promise((resolve) => setTimeout(resolve, 0));
    answer();
  }
  await all;
  expect(texts()).toEqual(["bob#beta.example", "carol#beta.example", "nobody"]);
});
