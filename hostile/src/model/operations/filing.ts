import type { Client, Folder, InboxSummary } from "@smimp/client";
import { isSmimpError } from "@smimp/protocol";
import { WHOLE_LIST } from "../../invariants/mailbox.ts";
import { mayBe, mustBe, type MailboxFacts } from "../../ledger.ts";
import type { World } from "../world.ts";
import { assureDone, chooseDevice, deviceAt, type Circumstances, type Operation } from "../operation.ts";

/** Folders that a person has at the most here. */
const FOLDERS = 4;
const LABELS = ["red", "green"] as const;

async function anyMessage(client: Client, which: number): Promise<InboxSummary | undefined> {
  const open = (await client.inbox.list({ limit: WHOLE_LIST })).filter(
    ({ state, messageType }) => state === "open" && messageType === "email",
  );
  return open[which % Math.max(1, open.length)];
}

/** What another device has deleted meanwhile can't be noted any more: that is no fault. */
async function unlessGone(work: Promise<unknown>): Promise<boolean> {
  try {
    await work;
    return true;
  } catch (error) {
    if (isSmimpError(error, "not_found")) return false;
    throw error;
  }
}

/** Does something with some message of a device's mailbox, where there is one. */
async function toMessage(
  world: World,
  [number = 0, which = 0]: readonly number[],
  circumstances: Circumstances,
  what: string,
  work: (client: Client, message: InboxSummary, facts: MailboxFacts) => Promise<void>,
): Promise<void> {
  const acting = deviceAt(world, number);
  const facts = world.ledger.mailbox(acting.person.address);
  const ended = await acting.device.act(async (client) => {
    const message = await anyMessage(client, which);
    if (message !== undefined) await work(client, message, facts);
  }, circumstances.fault);
  assureDone(world, ended, what, acting, circumstances);
}

/** Does something with some folder of a device's mailbox; `folder` is undefined where there is none. */
async function toFolder(
  world: World,
  [number = 0, which = 0]: readonly number[],
  circumstances: Circumstances,
  what: string,
  work: (client: Client, folder: Folder | undefined, count: number) => Promise<void>,
): Promise<void> {
  const acting = deviceAt(world, number);
  const ended = await acting.device.act(async (client) => {
    const folders = await client.folders.list();
    await work(client, folders[which % Math.max(1, folders.length)], folders.length);
  }, circumstances.fault);
  assureDone(world, ended, what, acting, circumstances);
}

/** Stars a message or takes its star away. */
export const star: Operation = {
  name: "star",
  weight: 4,
  choose: (chooser) => [chooseDevice(chooser), chooser.integer(1_000), chooser.integer(2)],
  run: async (world, args, circumstances) => {
    const starred = args[2] === 1;
    await toMessage(world, args, circumstances, "starring a message", async (client, { messageId, subject }, facts) => {
      mayBe(facts, "starred", subject, String(starred), "false");
      const done = await unlessGone(client.inbox.star([messageId], starred));
      if (done && !circumstances.crowded) mustBe(facts, "starred", subject, String(starred));
    });
  },
};

/** Gives a message a label or takes it away. */
export const label: Operation = {
  name: "label",
  weight: 4,
  choose: (chooser) => [chooseDevice(chooser), chooser.integer(1_000), chooser.integer(2), chooser.integer(2)],
  run: async (world, args, circumstances) => {
    const [, , one = 0, add = 0] = args;
    const name = LABELS[one % LABELS.length] ?? "";
    await toMessage(world, args, circumstances, "labelling a message", async (client, { messageId, subject }, facts) => {
      // Labels are added and taken away one by one: what comes of it hangs on what other devices did, which this one may not know.
      for (const labels of ["", "red", "green", "green,red"]) mayBe(facts, "labels", subject, labels, "");
      await unlessGone(client.inbox.label([messageId], add === 1 ? { add: [name] } : { remove: [name] }));
    });
  },
};

/** Makes a folder, or names one anew. */
export const makeFolder: Operation = {
  name: "folder",
  weight: 3,
  choose: (chooser) => [chooseDevice(chooser), chooser.integer(1_000)],
  run: async (world, args, circumstances) => {
    const [, which = 0] = args;
    await toFolder(world, args, circumstances, "making a folder", async (client, folder, count) => {
      if (count < FOLDERS || folder === undefined) await client.folders.create({ name: `folder ${which}` });
      else await unlessGone(client.folders.rename(folder.id, `renamed ${which}`));
    });
  },
};

/** Moves a message into a folder, or back into the inbox. */
export const move: Operation = {
  name: "move",
  weight: 5,
  choose: (chooser) => [chooseDevice(chooser), chooser.integer(1_000), chooser.integer(1_000)],
  run: async (world, args, circumstances) => {
    const [, , where = 0] = args;
    await toMessage(world, args, circumstances, "moving a message", async (client, { messageId, subject }, facts) => {
      const places = [null, ...(await client.folders.list()).filter(({ messageType }) => messageType === "email").map(({ id }) => id)];
      const folder = places[where % places.length] ?? null;
      mayBe(facts, "folder", subject, String(folder), "null");
      const done = await unlessGone(client.folders.move([messageId], folder));
      if (done && !circumstances.crowded) mustBe(facts, "folder", subject, String(folder));
    });
  },
};

/** Deletes a folder, where it is empty. */
export const dropFolder: Operation = {
  name: "drop-folder",
  weight: 1,
  choose: (chooser) => [chooseDevice(chooser), chooser.integer(1_000)],
  run: async (world, args, circumstances) => {
    await toFolder(world, args, circumstances, "deleting a folder", async (client, folder) => {
      if (folder === undefined) return;
      await unlessGone(client.folders.remove(folder.id)).catch((error: unknown) => {
        if (!isSmimpError(error, "conflict")) throw error;
      });
    });
  },
};
