import type { Client, InboxSummary } from "@smimp/client";
import { isSmimpError } from "@smimp/protocol";
import { WHOLE_LIST } from "../../invariants/mailbox.ts";
import { mayBe, mustBe } from "../../ledger.ts";
import { assureDone, chooseDevice, deviceAt, type Operation } from "../operation.ts";

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

/** Stars a message or takes its star away. */
export const star: Operation = {
  name: "star",
  weight: 4,
  choose: (chooser) => [chooseDevice(chooser), chooser.integer(1_000), chooser.integer(2)],
  run: async (world, [number = 0, which = 0, value = 0], circumstances) => {
    const acting = deviceAt(world, number);
    const facts = world.ledger.mailbox(acting.person.address);
    const starred = value === 1;
    const ended = await acting.device.act(async (client) => {
      const message = await anyMessage(client, which);
      if (message === undefined) return;
      mayBe(facts, "starred", message.subject, String(starred), "false");
      const done = await unlessGone(client.inbox.star([message.messageId], starred));
      if (done && !circumstances.crowded) mustBe(facts, "starred", message.subject, String(starred));
    }, circumstances.fault);
    assureDone(world, ended, "starring a message", acting, circumstances);
  },
};

/** Gives a message a label or takes it away. */
export const label: Operation = {
  name: "label",
  weight: 4,
  choose: (chooser) => [chooseDevice(chooser), chooser.integer(1_000), chooser.integer(2), chooser.integer(2)],
  run: async (world, [number = 0, which = 0, one = 0, add = 0], circumstances) => {
    const acting = deviceAt(world, number);
    const facts = world.ledger.mailbox(acting.person.address);
    const name = LABELS[one % LABELS.length] ?? "";
    const ended = await acting.device.act(async (client) => {
      const message = await anyMessage(client, which);
      if (message === undefined) return;
      // Labels are added and taken away one by one: what comes of it hangs on what other devices did, which this one may not know.
      for (const labels of ["", "red", "green", "green,red"]) mayBe(facts, "labels", message.subject, labels, "");
      await unlessGone(client.inbox.label([message.messageId], add === 1 ? { add: [name] } : { remove: [name] }));
    }, circumstances.fault);
    assureDone(world, ended, "labelling a message", acting, circumstances);
  },
};

/** Makes a folder, or names one anew. */
export const makeFolder: Operation = {
  name: "folder",
  weight: 3,
  choose: (chooser) => [chooseDevice(chooser), chooser.integer(1_000)],
  run: async (world, [number = 0, which = 0], circumstances) => {
    const acting = deviceAt(world, number);
    const ended = await acting.device.act(async (client) => {
      const folders = await client.folders.list();
      const folder = folders[which % Math.max(1, folders.length)];
      if (folders.length < FOLDERS || folder === undefined) await client.folders.create({ name: `folder ${which}` });
      else await unlessGone(client.folders.rename(folder.id, `renamed ${which}`));
    }, circumstances.fault);
    assureDone(world, ended, "making a folder", acting, circumstances);
  },
};

/** Moves a message into a folder, or back into the inbox. */
export const move: Operation = {
  name: "move",
  weight: 5,
  choose: (chooser) => [chooseDevice(chooser), chooser.integer(1_000), chooser.integer(1_000)],
  run: async (world, [number = 0, which = 0, where = 0], circumstances) => {
    const acting = deviceAt(world, number);
    const facts = world.ledger.mailbox(acting.person.address);
    const ended = await acting.device.act(async (client) => {
      const message = await anyMessage(client, which);
      if (message === undefined) return;
      const places = [null, ...(await client.folders.list()).filter(({ messageType }) => messageType === "email").map(({ id }) => id)];
      const folder = places[where % places.length] ?? null;
      mayBe(facts, "folder", message.subject, String(folder), "null");
      const done = await unlessGone(client.folders.move([message.messageId], folder));
      if (done && !circumstances.crowded) mustBe(facts, "folder", message.subject, String(folder));
    }, circumstances.fault);
    assureDone(world, ended, "moving a message", acting, circumstances);
  },
};

/** Deletes a folder, where it is empty. */
export const dropFolder: Operation = {
  name: "drop-folder",
  weight: 1,
  choose: (chooser) => [chooseDevice(chooser), chooser.integer(1_000)],
  run: async (world, [number = 0, which = 0], circumstances) => {
    const acting = deviceAt(world, number);
    const ended = await acting.device.act(async (client) => {
      const folders = await client.folders.list();
      const folder = folders[which % Math.max(1, folders.length)];
      if (folder === undefined) return;
      await unlessGone(client.folders.remove(folder.id)).catch((error: unknown) => {
        if (!isSmimpError(error, "conflict")) throw error;
      });
    }, circumstances.fault);
    assureDone(world, ended, "deleting a folder", acting, circumstances);
  },
};
