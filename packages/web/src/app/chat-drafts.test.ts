import type { Address } from "@smimp/protocol";
import { afterEach, beforeEach, expect, test, vi } from "vitest";

const call = vi.fn<(name: string, args: readonly unknown[]) => Promise<unknown>>();
let leave: () => Promise<void>;
let unmount: () => void;
vi.mock("react", () => ({ useEffect: (run: () => () => void) => void (unmount = run()) }));
vi.mock("./engine.tsx", () => ({ useEngine: () => ({ call }) }));
vi.mock("./leaving.ts", () => ({
  onGoing: () => () => undefined,
  onLeaving: (keep: () => Promise<void>) => {
    leave = keep;
    return () => undefined;
  },
}));

const bob = "bob#beta.example" as Address;
const carol = "carol#beta.example" as Address;
const kept = [{ people: [bob], text: "kept before", files: [] }];

beforeEach(() => void call.mockReset());
afterEach(() => unmount());

test("what was kept is not overwritten before it could be read", async () => {
  const { chatDraft, keepChatDraft, useKeptChatDrafts } = await import("./chat-drafts.ts");
  call.mockRejectedValue(new TypeError("the disk is busy"));
  useKeptChatDrafts();
  keepChatDraft([carol], { text: "new", files: [] });
  await leave();
  expect(call.mock.calls.map(([name]) => name)).toEqual(["chat.kept", "chat.kept"]);
  call.mockImplementation(async (name) => await Promise.resolve(name === "chat.kept" ? kept : undefined));
  await leave();
  expect(chatDraft([bob]).text).toBe("kept before");
  expect(call).toHaveBeenLastCalledWith("chat.keep", [[...kept, { people: [carol], text: "new", files: [] }]]);
});

test("an answer that comes after the mailbox is closed puts nothing into the page", async () => {
  const { chatDraft, useKeptChatDrafts } = await import("./chat-drafts.ts");
  const answer = Promise.withResolvers<unknown>();
  call.mockReturnValue(answer.promise);
  useKeptChatDrafts();
  unmount();
  answer.resolve(kept);
  await leave();
  expect(chatDraft([bob]).text).toBe("");
  expect(call).toHaveBeenCalledOnce();
});
