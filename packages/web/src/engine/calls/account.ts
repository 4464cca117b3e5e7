import type { AutoReply, ProfileChange } from "@smimp/client";
import type { CallTable } from "../call.ts";
import type { House } from "../house.ts";
import type { Topic } from "../protocol.ts";

/** Calls about the owner's own account: profile, devices, keys, notices. */
export function accountCalls({ client }: Pick<House, "client">, changed: (...topics: Topic[]) => void) {
  return {
    "profile.get": async () => await client().profile.get(),
    "profile.set": async (_context, change: ProfileChange) => {
      await client().profile.set(change);
      changed("profile");
    },
    "profile.setAvatar": async (_context, image: Blob) => {
      const type = image.type === "image/png" ? "image/png" : "image/jpeg";
      await client().profile.setAvatar(new Uint8Array(await image.arrayBuffer()), type);
      changed("profile");
    },
    "devices.list": async () => await client().devices.list(),
    "devices.link": async (_context, linkCode: string) => {
      await client().devices.link(linkCode);
      changed("devices");
    },
    "devices.rename": async (_context, id: string, name: string) => {
      await client().devices.rename(id, name);
      changed("devices");
    },
    "devices.remove": async (_context, id: string) => {
      await client().devices.remove(id);
      changed("devices");
    },
    "keys.status": async () => await client().keys.status(),
    "keys.rotate": async () => {
      await client().keys.rotate();
      changed("keys");
    },
    "keys.burnBefore": async (_context, month: string) => {
      const burned = await client().keys.burnBefore(month);
      changed("keys", "messages", "folders");
      return burned;
    },
    "autoReply.get": async () => await client().autoReply.get(),
    "autoReply.set": async (_context, reply: AutoReply | null) => {
      await client().autoReply.set(reply);
      changed("settings");
    },
    "notices.list": async () => await client().notices.list(),
    "notices.dismiss": async (_context, id: string) => {
      await client().notices.dismiss(id);
      changed("notices");
    },
    "notices.dismissAll": async (_context, ids: readonly string[]) => {
      for (const id of ids) {
        // oxlint-disable-next-line no-await-in-loop -- a handful, one after the other
        await client().notices.dismiss(id);
      }
      changed("notices");
    },
    "account.sync": async () => {
      await client().sync();
      changed("messages", "folders", "drafts", "outbox", "contacts", "notices");
    },
  } satisfies CallTable;
}
