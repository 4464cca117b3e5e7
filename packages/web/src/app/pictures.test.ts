import type { Address } from "@smimp/protocol";
import { expect, test } from "vitest";
import type { Engine } from "../engine/connect.ts";
import type { EngineEvent } from "../engine/protocol.ts";
import { createPictures } from "./pictures.ts";

const CAROL = "carol#alpha.example" as Address;

/** Pictures of an engine that answers when the test says so. */
function setUp() {
  const asked: (readonly [boolean, (hash: string | null) => void])[] = [];
  let tell: (event: EngineEvent) => void = () => undefined;
  const call = async (_name: string, [, fetch]: readonly [Address, boolean]): Promise<unknown> =>
    await new Promise((resolve) => asked.push([fetch, (hash) => resolve(hash === null ? null : { hash, image: new Blob(["picture"]) })]));
  const listen: Engine["listen"] = (listener) => {
    tell = listener;
    return () => undefined;
  };
  const pictures = createPictures({ call: call as unknown as Engine["call"], listen });
  const answer = async (hash: string | null): Promise<void> => {
    asked.at(-1)?.[1](hash);
    await new Promise((resolve) => void setTimeout(resolve, 0));
  };
  return { pictures, answer, fetches: () => asked.map(([fetch]) => fetch), changed: () => tell({ type: "changed", topics: ["contacts"] }) };
}

test("who may ask a person's server gets the picture, though another view asked first without", async () => {
  const { pictures, answer, fetches } = setUp();
  pictures.want(CAROL, false);
  pictures.want(CAROL, true);
  await answer(null);
  expect(fetches()).toEqual([false, true]);
  await answer("new");
  expect(pictures.urlOf(CAROL)).toMatch(/^blob:/);
  pictures.want(CAROL, true);
  expect(fetches()).toHaveLength(2);
});

test("what changes while a picture is looked for is looked for again, and no server is asked that nobody wants to ask", async () => {
  const { pictures, answer, fetches, changed } = setUp();
  pictures.want(CAROL, false);
  changed();
  pictures.want(CAROL, false);
  await answer(null);
  await answer(null);
  expect(fetches()).toEqual([false, false]);
  changed();
  pictures.want(CAROL, false);
  changed();
  pictures.want(CAROL, true);
  await answer(null);
  expect(fetches()).toEqual([false, false, false, true]);
});
