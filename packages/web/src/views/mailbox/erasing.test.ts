import type { Address } from "@smimp/protocol";
import { expect, test, vi } from "vitest";
import { lockMailbox } from "../../app/leaving.ts";
import type { Engine } from "../../engine/connect.ts";
import type { Messages } from "../../messages/messages.tsx";
import { mailbox } from "../../messages/en/mailbox.ts";
import { undoLatest } from "../../ui/toasts.tsx";
import { createActions } from "./actions.ts";
import type { Targets } from "./threads.ts";

const targets = { list: { view: "inbox" }, threads: [], except: [], count: 1 } as unknown as Targets;

function engineOf(): { readonly engine: Engine; readonly asked: string[] } {
  const asked: string[] = [];
  const call = async (name: string): Promise<unknown> => {
    await Promise.resolve();
    asked.push(name);
    return [{ threadId: "t1", messageId: "m1" }];
  };
  return { engine: { call: call as unknown as Engine["call"], listen: () => () => undefined }, asked };
}

test("what was deleted for good is gone before the mailbox is locked, unless it was wanted back", async () => {
  const { engine, asked } = engineOf();
  const messages = { mailbox } as unknown as Messages;
  const { erase } = createActions({ engine, messages, address: "bob#beta.example" as Address, working: vi.fn<() => void>() });
  await erase(targets);
  expect(asked.splice(0)).toEqual(["inbox.messagesOf"]);
  await lockMailbox(engine);
  expect(asked.splice(0)).toEqual(["inbox.remove", "door.lock"]);
  await erase(targets);
  undoLatest();
  await lockMailbox(engine);
  expect(asked).toEqual(["inbox.messagesOf", "door.lock"]);
});
