import { isProblemCode, parseListEntry, SmimpError, type Hex32 } from "@smimp/protocol";
import { describe, draftTo } from "./healing.ts";
import type { ClientWorld } from "./client-world.ts";
import { simple, type Attempt, type Operations } from "./operations.ts";

const MAIL = "Mail";

/** Somebody reads, writes and tidies up. */
export const MAILBOX_OPERATIONS: Operations = {
  sync: simple(["getChanges"], async ({ client }) => void (await client().sync())),
  "sync of mail": simple(
    ["getChanges", "getMessages", "putMessageArchive", "getEphemeralKeys", "getNonephemeralKey", "getSessionChallenge", "createSession"],
    async ({ client }) => void (await client().sync()),
    async ({ bob, client }) => void (await bob.client.send(draftTo(client().address))),
  ),
  send: simple(["getMessageKey", "putBlob", "sendMessage"], async ({ bob, client }) => {
    const { copies } = await client().send(draftTo(bob.address));
    for (const { reason } of copies)
      if (reason !== null && !isProblemCode(reason)) throw new TypeError(`the reason ${String(reason)} is none`);
  }),
  "send again": simple([], async ({ client }) => void (await client().outbox.flush({ force: true }))),
  attachment: simple(
    ["getBlob"],
    async (world) => {
      for await (const _piece of world.client().inbox.attachment(await newest(world), 0));
    },
    async (world) => void (await newest(world)),
  ),
  resolve: simple(["getHistory"], async ({ bob, client }) => void (await client().contacts.resolve(bob.address))),
  "mark as read": simple(
    ["setMessageRead"],
    async ({ client }) => {
      const [first] = await client().inbox.list({ limit: 1 });
      if (first !== undefined) await client().inbox.setRead(first.messageId, !first.read);
    },
    async (world) => void (await newest(world)),
  ),
  label: simple(["setMessageExtensions"], async (world) => {
    const { client } = world;
    await client().inbox.label([await newest(world)], { add: ["Kept"], remove: ["Other"] });
    await client().sync();
  }),
  remove: simple(
    ["deleteMessage"],
    async ({ client }) => {
      const list = await client().inbox.list({ limit: 10 });
      const last = list.at(-1);
      if (last !== undefined) await client().inbox.remove(last.messageId);
    },
    async ({ bob, client }) => {
      await bob.client.send(draftTo(client().address));
      await client().sync();
    },
  ),
  watch: simple(["getEvents"], async ({ client }) => {
    const ending = new AbortController();
    const end = (): void => ending.abort();
    let timer = setTimeout(end, 10_000);
    for await (const { type } of client().watch({ signal: ending.signal })) {
      if (type !== "connection") continue;
      // Long enough for what comes behind the first answer, whatever that was.
      clearTimeout(timer);
      timer = setTimeout(end, 300);
    }
    clearTimeout(timer);
  }),
  folders: {
    endpoints: ["createFolder", "changeFolder", "moveMessage", "deleteFolder", "getFolders"],
    begin: async (world) => await Promise.resolve(folders(world)),
  },
  lists: {
    endpoints: ["getAllowlist", "addToAllowlist", "removeFromAllowlist", "getBlocklist", "addToBlocklist", "removeFromBlocklist"],
    begin: async (world) => await Promise.resolve(lists(world)),
  },
};

async function newest({ client, bob }: ClientWorld): Promise<Hex32> {
  const open = async (): Promise<Hex32 | undefined> =>
    (await client().inbox.list({ limit: 1_000 })).find(({ state }) => state === "open")?.messageId;
  const found = await open();
  if (found !== undefined) return found;
  // What was there before was delivered by a server that says anything.
  await bob.client.send(draftTo(client().address));
  await client().sync();
  const sent = await open();
  if (sent === undefined) throw new SmimpError("not_found", "the server delivers nothing that could be opened");
  return sent;
}

/** Makes a folder, names it, puts a message in it and takes it away again. */
function folders(world: ClientWorld): Attempt {
  const { client } = world;
  const tidyUp = async (): Promise<void> => {
    for (const { id } of await client().folders.list()) {
      // oxlint-disable-next-line no-await-in-loop
      const inside = await client().inbox.list({ folder: id, limit: 100 });
      // oxlint-disable-next-line no-await-in-loop
      await client().folders.move(
        inside.map(({ messageId }) => messageId),
        null,
      );
      // oxlint-disable-next-line no-await-in-loop
      await client().folders.remove(id);
    }
  };
  const all = async (): Promise<void> => {
    const { id } = await client().folders.create({ name: "Made" });
    await client().folders.rename(id, MAIL);
    const messageId = await newest(world);
    await client().folders.move([messageId], id);
    await client().sync();
    await client().folders.move([messageId], null);
    await client().folders.remove(id);
    await client().sync();
  };
  return {
    run: all,
    afterwards: async () => {
      const invented = (await client().folders.list()).find(({ name }) => name !== null && name !== "Made" && name !== MAIL);
      if (invented !== undefined) return `a folder is called ${JSON.stringify(invented.name)}`;
      return await orFault(async () => {
        await client().sync();
        await tidyUp();
        await all();
        return (await client().folders.list()).length === 0 ? null : "folders are left";
      });
    },
  };
}

/** Keeps somebody out and lets somebody in, and neither any more. */
function lists({ client }: ClientWorld): Attempt {
  const entry = "somebody#gamma.example";
  const all = async (): Promise<void> => {
    for (const list of [client().lists.block, client().lists.allow]) {
      // oxlint-disable-next-line no-await-in-loop
      await list.add(entry, "a note");
      // oxlint-disable-next-line no-await-in-loop
      await list.list();
      // oxlint-disable-next-line no-await-in-loop
      await list.remove(entry);
    }
  };
  return {
    run: all,
    afterwards: async () =>
      await orFault(async () => {
        await all();
        const left = [...(await client().lists.block.list()), ...(await client().lists.allow.list())];
        const invented = left.find((each) => each.entry === parseListEntry(entry));
        return invented === undefined ? null : "an entry is left that was taken away";
      }),
  };
}

/** What a check says, or the error that it ended with. */
export async function orFault(check: () => Promise<string | null>): Promise<string | null> {
  try {
    return await check();
  } catch (error) {
    return `once more, honestly: ${describe(error)}`;
  }
}
