import type { Client, Draft } from "@smimp/client";
import { expect, test } from "vitest";
import { createDesk, type WrittenMessage } from "./desk.ts";

const MEGABYTE = 1024 * 1024;

/** A client with drafts only, which reads what is attached as it saves it. */
function clientOf(): { readonly client: Client; readonly saved: Draft[]; readonly read: () => number } {
  const saved: Draft[] = [];
  let read = 0;
  const drafts = {
    save: async (draft: Draft) => {
      for (const { open } of draft.attachments ?? []) for await (const piece of open()) read += piece.length;
      saved.push(draft);
      return { id: "d1" };
    },
    get: async () => await Promise.resolve({ draft: saved.at(-1), savedAt: "" }),
  };
  return { client: { drafts } as unknown as Client, saved, read: () => read };
}

function messageWith(content: Blob): WrittenMessage {
  const attachments = [{ key: "k1", name: "plan.bin", mediaType: "text/plain", size: content.size, content }];
  return { to: [], subject: "", body: "", attachments };
}

test("whoever attaches a file is told how far it is", async () => {
  const { client, saved } = clientOf();
  const told: unknown[] = [];
  const { signal } = new AbortController();
  const onBytes = (...how: readonly unknown[]): void => void told.push(how);
  await createDesk(client).save(messageWith(new Blob([new Uint8Array(2.5 * MEGABYTE)])), null, { signal, onBytes });
  const [one, two, all] = [1, 2, 2.5].map((each) => each * MEGABYTE);
  expect(told).toEqual([
    ["k1", one, all],
    ["k1", two, all],
    ["k1", all, all],
  ]);
  expect(saved).toHaveLength(1);
});

test("and may stop it: nothing more is read, and the draft stays as it was", async () => {
  const { client, saved, read } = clientOf();
  const stop = new AbortController();
  const saving = createDesk(client).save(messageWith(new Blob([new Uint8Array(4 * MEGABYTE)])), null, {
    signal: stop.signal,
    onBytes: (_key, done) => {
      if (done === 2 * MEGABYTE) stop.abort(new DOMException("stopped", "AbortError"));
    },
  });
  await expect(saving).rejects.toThrow("stopped");
  expect([saved.length, read()]).toEqual([0, 2 * MEGABYTE]);
});
