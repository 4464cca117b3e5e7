import { SmimpError, safetyNumber, type Address, type Hex32 } from "@smimp/protocol";
import type { Contacts } from "./client.ts";
import type { Contact } from "./model.ts";
import type { People } from "./people.ts";
import type { PersonDocument } from "./pins.ts";
import type { Self } from "./self.ts";

/** People whose identities are pinned. */
export function createContacts(people: People, self: Self): Contacts {
  /** What is stored says it all, so that no server has to be asked, and none that is away is in the way. */
  function contactOf({ address, pin, verified, keyLink = null }: PersonDocument, mine: Hex32 | null): Contact {
    return {
      address,
      sequence: pin.sequence,
      link: pin.link,
      publicKey: pin.public_key,
      safetyNumber: mine === null || keyLink === null ? null : safetyNumber({ address: self.address, keyLink: mine }, { address, keyLink }),
      verified: keyLink !== null && verified?.keyLink === keyLink,
    };
  }

  async function stored(address: Address): Promise<PersonDocument | null> {
    return address === self.address ? null : await people.document(address);
  }

  const myKeyLink = async (): Promise<Hex32 | null> => (await people.document(self.address))?.keyLink ?? null;

  /** The document with its `keyLink`, for which the history is fetched where nobody has said. */
  async function whole(address: Address): Promise<PersonDocument | null> {
    const found = await stored(address);
    if (found === null || (found.keyLink ?? null) !== null) return found;
    await people.resolve(address);
    return await people.document(address);
  }

  return {
    list: async () => {
      const mine = await myKeyLink();
      return (await people.list()).map((each) => contactOf(each, mine)).toSorted((a, b) => (a.address < b.address ? -1 : 1));
    },
    get: async (address) => {
      const document = await whole(address);
      if (document === null) return null;
      if ((await myKeyLink()) === null) await people.resolve(self.address);
      return contactOf(document, await myKeyLink());
    },
    resolve: async (address) => await people.resolve(address),
    setVerified: async (address, verified) => {
      if ((await stored(address)) === null) throw new SmimpError("not_found", `${address} is not a contact`);
      await people.setVerified(address, verified ? (await people.find(address)).chain.keyLink : null);
    },
  };
}
