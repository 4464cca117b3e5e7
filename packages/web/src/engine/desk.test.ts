import type { Client, Draft, OutboxCopy, OutboxEntry } from "@smimp/client";
import { expect, test } from "vitest";
import { createDesk, gotOf, type WrittenMessage } from "./desk.ts";

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

/** An entry with a copy to each of these, and whether that was sent. */
function entryOf(messageType: string, sent: Readonly<Record<string, boolean>>): OutboxEntry {
  const copies = Object.entries(sent).map(([to, isSent]) => ({ to, own: to === "me", state: isSent ? "sent" : "queued", messageId: null }));
  return { id: "e1", messageType, copies: copies as unknown as readonly OutboxCopy[] } as OutboxEntry;
}

/** A client with one message in the outbox, which goes on while it is taken back. */
function sendingClient(first: OutboxEntry, last: OutboxEntry): Client {
  const { client } = clientOf();
  const to = first.copies.filter(({ own }) => !own).map((copy) => copy.to);
  const outbox = {
    get: async () => await Promise.resolve(first),
    written: async () => await Promise.resolve({ to, subject: "", body: "Coming?", attachments: [] }),
    remove: async (_id: string, { keep }: { readonly keep?: (entry: OutboxEntry) => Promise<void> } = {}) => {
      await keep?.(last);
      return last;
    },
  };
  return { ...client, outbox } as unknown as Client;
}

test("whoever takes a message back learns who got it meanwhile", async () => {
  const before = { bob: false, eve: false, me: false };
  const half = { ...before, bob: true };
  const whole = { ...half, eve: true };
  const recalled = async (type: string, first = before, last = before): Promise<unknown> =>
    await createDesk(sendingClient(entryOf(type, first), entryOf(type, last))).recall("e1");
  expect(await recalled("email")).toMatchObject({ kind: "draft", got: "nobody" });
  expect(await recalled("email", before, half)).toMatchObject({ got: "some" });
  expect(await recalled("email", before, whole)).toMatchObject({ got: "all" });
  // That was known before: the draft is to the others.
  expect(await recalled("email", half, half)).toMatchObject({ got: "nobody" });
  // A short message stays one to all of its people.
  expect(await recalled("short-message")).toMatchObject({ kind: "short", got: "nobody" });
  expect(await recalled("short-message", half, half)).toMatchObject({ people: ["bob", "eve"], got: "some" });
  expect(await recalled("short-message", before, whole)).toMatchObject({ got: "all" });
  expect(gotOf(null)).toBe("nobody");
});
