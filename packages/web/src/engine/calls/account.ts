import { parseInvite, type AutoReply, type ProfileChange } from "@smimp/client";
import type { CallTable } from "../call.ts";
import { openFile, type FileTarget } from "../files.ts";
import type { House } from "../house.ts";
import { createPhraseChange } from "../phrase-change.ts";
import type { Topic } from "../protocol.ts";

/** Calls about the owner's own account: profile, devices, keys, notices. */
export function accountCalls(
  { client, forget, onClose }: Pick<House, "client" | "forget" | "onClose">,
  changed: (...topics: Topic[]) => void,
) {
  const phraseChange = createPhraseChange();
  onClose(phraseChange.cancel);

  /** What all devices share is theirs once this one has synced; without a network that is later. */
  function share(): void {
    client()
      .sync()
      .catch(() => undefined);
  }

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
    "profile.erase": async () => {
      await client().profile.deletePersonalData();
      changed("profile");
    },
    "devices.list": async () => await client().devices.list(),
    /** Takes over what other devices have told the server of themselves. */
    "devices.refresh": async () => {
      const { devices, keys } = client();
      const before = JSON.stringify(await devices.list());
      await keys.save();
      if (JSON.stringify(await devices.list()) !== before) changed("devices");
    },
    "devices.link": async (_context, linkCode: string) => {
      await client().devices.link(linkCode);
      changed("devices");
    },
    "devices.rename": async (_context, id: string, name: string) => {
      await client().devices.rename(id, name);
      changed("devices");
    },
    "devices.remove": async (_context, id: string) => {
      try {
        await client().devices.remove(id);
      } finally {
        changed("devices", "keys");
      }
    },
    "keys.status": async () => await client().keys.status(),
    "keys.rotate": async () => {
      try {
        await client().keys.rotate();
      } finally {
        changed("keys");
      }
    },
    /** Checks the recovery words so far and gives new ones, to be shown: nothing changes before `keys.finishPhrase`. */
    "keys.beginPhrase": async (_context, oldPhrase: string) => ({ phrase: await phraseChange.begin(client(), oldPhrase) }),
    "keys.finishPhrase": async () => {
      try {
        await phraseChange.finish();
      } finally {
        changed("keys");
      }
    },
    "keys.cancelPhrase": async () => await phraseChange.cancel(),
    "keys.burnBefore": async (_context, month: string) => {
      try {
        return await client().keys.burnBefore(month);
      } finally {
        changed("keys", "messages", "folders", "search");
      }
    },
    "autoReply.get": async () => await client().autoReply.get(),
    "autoReply.set": async (_context, reply: AutoReply | null) => {
      await client().autoReply.set(reply);
      changed("settings");
      share();
    },
    "notices.list": async () => await client().notices.list(),
    "notices.dismissAll": async (_context, ids: readonly string[]) => {
      for (const id of ids) {
        // oxlint-disable-next-line no-await-in-loop -- a handful, one after the other
        await client().notices.dismiss(id);
      }
      changed("notices");
    },
    "account.quota": async () => await client().account.quota(),
    /** Everything that the server holds, sealed as it is, as a file; its Blob where it has no place on a disk. */
    "account.export": async ({ signal, onProgress }, target: FileTarget): Promise<Blob | null> => {
      const file = await openFile(target, "application/x-ndjson");
      try {
        let done = 0;
        for await (const bytes of client().account.export({ signal })) {
          signal.throwIfAborted();
          await file.write(bytes);
          done += bytes.length;
          onProgress({ step: "export", to: null, name: null, done, total: 0 });
        }
        return await file.finish();
      } catch (error) {
        await file.abandon();
        throw error;
      }
    },
    "account.moveStatus": async () => await client().account.moveStatus(),
    /** Begins to move to the server of an invite. Throws `bad_request` for what is none. */
    "account.move": async ({ signal }, link: string) => {
      const { baseUrl, code } = parseInvite(link);
      try {
        return await client().account.move({ to: baseUrl, code, signal });
      } finally {
        changed("settings");
      }
    },
    /** Goes on with a move that is under way, as far as that goes now: each sync does. */
    "account.goOnMoving": async ({ signal }) => {
      try {
        await client().sync({ signal });
      } finally {
        changed("settings");
      }
    },
    "account.cancelMove": async () => {
      await client().account.cancelMove();
      changed("settings");
    },
    /** Deletes the account on its server, and takes it away from this browser. */
    "account.remove": async (_context, phrase: string) => {
      await client().account.remove({ phrase });
      await forget();
    },
  } satisfies CallTable;
}
