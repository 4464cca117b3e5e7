import type { Address } from "@smimp/protocol";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { chatDraft } from "../../app/chat-drafts.ts";
import { EMAIL_TYPE, SHORT_MESSAGE_TYPE } from "../../app/message-types.ts";
import type { Engine } from "../../engine/connect.ts";
import { clearToasts, toast, undoLatest } from "../../ui/toasts.tsx";
import { discarded } from "../drafts/discarding.ts";
import { removeLater } from "./removing.ts";

const BOB = "bob#beta.example" as Address;
const SHORT = { kind: "short", people: [BOB], text: "Coming?", files: [], got: "nobody" } as const;
const TEXTS = { removed: "Removed.", removedFrom: { some: "Some had it.", all: "It was sent." } };

/** An engine that notes what it is asked, and answers from a table; it refuses what stands there as an error. */
function engineOf(answers: Readonly<Record<string, unknown>>): { readonly engine: Engine; readonly asked: string[] } {
  const asked: string[] = [];
  const call = async (name: string, args: readonly unknown[]): Promise<unknown> => {
    asked.push(JSON.stringify([name, ...args]));
    const answer = await Promise.resolve(answers[name]);
    if (answer instanceof Error) throw answer;
    return answer;
  };
  return { engine: { call: call as Engine["call"], listen: () => () => undefined }, asked };
}

beforeAll(() => {
  vi.stubGlobal("addEventListener", vi.fn<() => void>());
  vi.stubGlobal("removeEventListener", vi.fn<() => void>());
});
afterAll(() => vi.unstubAllGlobals());

test("a message that was removed from the outbox is a hidden draft until it goes, and waits again where that is taken back", async () => {
  const { engine, asked } = engineOf({ "outbox.recall": { kind: "draft", draftId: "d1", got: "nobody" } });
  await removeLater(engine, TEXTS, { id: "e1", messageType: EMAIL_TYPE });
  expect([...discarded()]).toEqual(["d1"]);
  expect(undoLatest()).toBe(true);
  expect(asked).toEqual(['["outbox.recall","e1"]', '["drafts.enqueue","d1"]']);
  await expect.poll(() => [...discarded()]).toEqual([]);

  await removeLater(engine, TEXTS, { id: "e2", messageType: EMAIL_TYPE });
  for (let more = 3; more > 0; more--) toast({ text: "Something else." });
  expect(asked.at(-1)).toBe('["drafts.remove","d1"]');
  expect(undoLatest()).toBe(false);
});

test("a short message is sent after all, or stands in its field again", async () => {
  const { engine, asked } = engineOf({ "outbox.recall": SHORT, "chat.send": new Error("no") });
  await removeLater(engine, TEXTS, { id: "e3", messageType: SHORT_MESSAGE_TYPE });
  undoLatest();
  expect(asked.at(-1)).toBe('["chat.send",["bob#beta.example"],"Coming?",[]]');
  await expect.poll(() => chatDraft([BOB]).text).toBe("Coming?");
});

test("nobody gets a short message twice: what somebody has got can't be sent once more", async () => {
  clearToasts();
  for (const got of ["some", "all"]) {
    const { engine, asked } = engineOf({ "outbox.recall": { ...SHORT, got } });
    await removeLater(engine, TEXTS, { id: "e4", messageType: SHORT_MESSAGE_TYPE });
    expect(undoLatest()).toBe(false);
    expect(asked).toEqual(['["outbox.recall","e4"]']);
  }
});

test("what everybody got while it was removed leaves no draft behind, and can't be taken back", async () => {
  clearToasts();
  const { engine, asked } = engineOf({ "outbox.recall": { kind: "draft", draftId: "d2", got: "all" } });
  await removeLater(engine, TEXTS, { id: "e5", messageType: EMAIL_TYPE });
  expect(undoLatest()).toBe(false);
  expect([...discarded()]).toEqual([]);
  expect(asked).toEqual(['["outbox.recall","e5"]', '["drafts.remove","d2"]']);
});

test("what only some got while it was removed can still go to the others", async () => {
  clearToasts();
  const { engine, asked } = engineOf({ "outbox.recall": { kind: "draft", draftId: "d3", got: "some" } });
  await removeLater(engine, TEXTS, { id: "e6", messageType: EMAIL_TYPE });
  expect(undoLatest()).toBe(true);
  expect(asked.at(-1)).toBe('["drafts.enqueue","d3"]');
});

test("what can't be a draft again is removed all the same", async () => {
  clearToasts();
  const { engine, asked } = engineOf({ "outbox.recall": new Error("not_found"), "outbox.remove": "nobody" });
  await removeLater(engine, TEXTS, { id: "e7", messageType: EMAIL_TYPE });
  expect(undoLatest()).toBe(false);
  expect(asked).toEqual(['["outbox.recall","e7"]', '["outbox.remove","e7"]']);
});
