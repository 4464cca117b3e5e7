import { SmimpError, safetyNumber, type Address } from "@smimp/protocol";
import type { Contacts } from "./client.ts";
import type { Contact } from "./model.ts";
import type { Known, People, PersonDocument } from "./people.ts";
import type { Self } from "./self.ts";

/** People whose identities are pinned. */
export function createContacts(people: People, self: Self): Contacts {
  async function contactOf({ address, pin, verifiedKeyLink }: PersonDocument): Promise<Contact> {
    const [me, known] = [await people.find(self.address), await people.find(address)];
    return {
      address,
      sequence: pin.sequence,
      link: pin.link,
      publicKey: pin.public_key,
      safetyNumber: safetyNumber(halfOf(me), halfOf(known)),
      verified: verifiedKeyLink !== null && verifiedKeyLink === known.chain.keyLink,
    };
  }

  async function stored(address: Address): Promise<PersonDocument | null> {
    return address === self.address ? null : await people.document(address);
  }

  return {
    list: async () => {
      const contacts: Contact[] = [];
      for (const document of await people.list()) contacts.push(await contactOf(document));
      return contacts.toSorted((a, b) => (a.address < b.address ? -1 : 1));
    },
    get: async (address) => {
      const document = await stored(address);
      return document === null ? null : await contactOf(document);
    },
    resolve: async (address) => await people.resolve(address),
    setVerified: async (address, verified) => {
      if ((await stored(address)) === null) throw new SmimpError("not_found", `${address} is not a contact`);
      const { chain } = await people.find(address);
      await people.setVerified(address, verified ? chain.keyLink : null);
    },
  };
}

function halfOf({ address, chain }: Known): { readonly address: Address; readonly keyLink: Known["chain"]["keyLink"] } {
  return { address, keyLink: chain.keyLink };
}
