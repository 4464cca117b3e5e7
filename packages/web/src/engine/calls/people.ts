import { isSmimpError, parseAddress, type Address } from "@smimp/protocol";
import type { CallTable } from "../call.ts";
import type { House } from "../house.ts";
import type { Topic } from "../protocol.ts";

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
    "contacts.list": async () => await client().contacts.list(),
    "contacts.get": async (_context, address: Address) => await client().contacts.get(address),
    "contacts.resolve": async (_context, address: Address) => {
      const { firstContact, profile } = await client().contacts.resolve(address);
      changed("contacts");
      return { firstContact, profile };
    },
    "contacts.setVerified": async (_context, address: Address, verified: boolean) => {
      await client().contacts.setVerified(address, verified);
      changed("contacts");
    },
    "profile.of": async (_context, address: Address) => await client().profile.of(address),
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
