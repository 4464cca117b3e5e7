import type { Address, Hex32 } from "@smimp/protocol";
import { expect, test } from "vitest";
import type { FiledMessage } from "../../engine/calls/messages.ts";
import { EngineError, type Engine } from "../../engine/connect.ts";
import { en } from "../../messages/en/all.ts";
import { undoLatest } from "../../ui/toasts.tsx";
import { createActions } from "./actions.ts";

const ALICE = "alice#alpha.example" as Address;

test("what was moved before moving failed half-way can be taken back", async () => {
  const lines = Array.from({ length: 250 }, (_, at): FiledMessage => ({
    messageId: String(at).padStart(64, "0") as Hex32,
    threadId: null,
    from: ALICE,
    recipients: [ALICE],
    own: false,
    state: "open",
    folder: at < 120 ? null : "other",
    read: true,
    starred: false,
    labels: [],
  }));
  const moves: string[] = [];
  const call = async (name: string, args: readonly unknown[]): Promise<unknown> => {
    await Promise.resolve();
    if (name === "inbox.messagesOf") return lines;
    const [ids, folder] = args as [readonly Hex32[], string | null];
    if (folder === "kept" && ids.includes(lines[200]?.messageId ?? expect.fail()))
      throw new EngineError({ code: "temporarily_unavailable", message: "" });
    moves.push(`${ids.length} ${folder}`);
    return undefined;
  };
  const engine: Engine = { call: call as Engine["call"], listen: () => () => undefined };
  const actions = createActions({ engine, messages: en, address: ALICE, working: () => undefined });
  await actions.move({ list: { label: "x" }, threads: null, except: [], count: 250 }, "kept", "Kept");
  expect(moves).toEqual(["100 kept", "100 kept"]);
  expect(undoLatest()).toBe(true);
  // Of the last ones nobody knows whether they were moved.
  await expect.poll(() => moves.slice(2)).toEqual(["100 null", "20 null", "100 other", "30 other"]);
});
