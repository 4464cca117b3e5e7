import type { Contact, History, OwnProfile } from "@smimp/client";
import { isSmimpError, parseAddress, SmimpError, type Address } from "@smimp/protocol";
import type { CallTable } from "../call.ts";
import type { House } from "../house.ts";
import { lookAlikeOf, type LookAlike } from "../look-alike.ts";
import { isShowable } from "../picture.ts";
import type { Topic } from "../protocol.ts";

export type { LookAlike } from "../look-alike.ts";

/** A person's picture; its hash tells whether it is still the same. */
export interface Picture {
  readonly hash: string;
  readonly image: Blob;
}

/** Calls about other people: contacts, who gets in and who doesn't. */
export function peopleCalls({ client }: Pick<House, "client">, changed: (...topics: Topic[]) => void) {
  return {
    /** The normal form of what was typed, or null where it is no address. */
    "people.parse": async (_context, text: string): Promise<Address | null> => {
      try {
        return parseAddress(text.trim());
      } catch (error) {
        if (isSmimpError(error)) return null;
        throw error;
      }
    },
    /** Somebody known whom an address could be taken for. No server is asked. */
    "people.lookAlike": async (_context, address: Address): Promise<LookAlike | null> => {
      const [known, [name = null]] = await Promise.all([client().contacts.list(), client().contacts.names([address])]);
      return lookAlikeOf({ address, name }, known);
    },
    /** Somebody's picture. With `fetch` false no server is asked: what is not here yet is null. */
    "people.picture": async (_context, address: Address, fetch: boolean): Promise<Picture | null> => {
      const avatar = await client().profile.avatarOf(address, { fetch });
      if (avatar === null || !isShowable(avatar.bytes, avatar.mediaType)) return null;
      return { hash: avatar.hash, image: new Blob([Uint8Array.from(avatar.bytes)], { type: avatar.mediaType }) };
    },
    "contacts.list": async (): Promise<readonly Contact[]> => await client().contacts.list(),
    "contacts.get": async (_context, address: Address): Promise<Contact | null> => await client().contacts.get(address),
    /** Asks the person's server, and holds what it says against what is known. What is wrong with it becomes a notice. */
    "contacts.resolve": async (_context, address: Address) => {
      try {
        const { firstContact, profile } = await client().contacts.resolve(address);
        return { firstContact, profile };
      } finally {
        changed("contacts", "notices");
      }
    },
    "contacts.history": async (_context, address: Address): Promise<History> => await client().contacts.history(address),
    /** Remembers that a safety number was compared; null takes that back. Throws `conflict` where it isn't the one any more. */
    "contacts.setVerified": async (_context, address: Address, compared: string | null) => {
      const { contacts } = client();
      const now = compared === null ? null : ((await contacts.get(address))?.safetyNumber ?? null);
      if (now !== compared) throw new SmimpError("conflict", "the safety number is another one by now");
      await contacts.setVerified(address, compared !== null);
      changed("contacts");
    },
    "profile.of": async (_context, address: Address): Promise<OwnProfile | null> => await client().profile.of(address),
    "lists.list": async (_context, which: "allow" | "block") => await client().lists[which].list(),
    "lists.add": async (_context, which: "allow" | "block", entry: string, text: string) => {
      await client().lists[which].add(entry, text);
      changed("lists", "messages");
    },
    "lists.remove": async (_context, which: "allow" | "block", entry: string) => {
      await client().lists[which].remove(entry);
      changed("lists");
    },
  } satisfies CallTable;
}
