import { SmimpError, safetyNumber, type Address, type ChainRecord, type Hex32 } from "@smimp/protocol";
import type { Contacts } from "./rooms/contacts.ts";
import type { Contact, HistoryRecord } from "./model.ts";
import type { People } from "./people.ts";
import type { PersonDocument } from "./pins.ts";
import { readProfile } from "./profile/read-profile.ts";
import type { Self } from "./self.ts";

/** People whose identities are pinned. */
export function createContacts(people: People, self: Self): Contacts {
  /** What is stored says it all, so that no server has to be asked, and none that is away is in the way. */
  function contactOf({ address, pin, verified, keyLink = null, ...rest }: PersonDocument, mine: Hex32 | null): Contact {
    const isVerified = keyLink !== null && verified?.keyLink === keyLink;
    return {
      address,
      sequence: pin.sequence,
      link: pin.link,
      publicKey: pin.public_key,
      safetyNumber: mine === null || keyLink === null ? null : safetyNumber({ address: self.address, keyLink: mine }, { address, keyLink }),
      verified: isVerified,
      verifiedAt: isVerified ? (verified?.at ?? null) : null,
      loweredAt: isVerified ? null : (rest.loweredAt ?? null),
      disputed: rest.disputed === true,
      metAt: rest.metAt ?? null,
      name: readProfile(rest.profile).name ?? null,
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
    history: async (address) => {
      const { chain, baseUrl } = await people.find(address);
      return { address, baseUrl, records: chain.records.map((record, index) => historyRecord(record, chain.records[index - 1])) };
    },
    names: async (addresses) =>
      await Promise.all(addresses.map(async (each) => readProfile((await people.document(each))?.profile ?? null).name ?? null)),
    setVerified: async (address, verified) => {
      if ((await stored(address)) === null) throw new SmimpError("not_found", `${address} is not a contact`);
      await people.setVerified(address, verified ? (await people.find(address)).chain.keyLink : null);
    },
  };
}

function historyRecord({ document, link, signedBy }: ChainRecord, before: ChainRecord | undefined): HistoryRecord {
  return {
    sequence: document.sequence,
    link,
    changedAt: document.changed_at,
    signedBy,
    servers: document.servers,
    changes: before === undefined ? ["opened"] : changesOf(document, before.document),
  };
}

function changesOf(now: ChainRecord["document"], before: ChainRecord["document"]): HistoryRecord["changes"] {
  const changes = {
    key: now.public_key !== before.public_key,
    recovery_key: now.recovery_key !== before.recovery_key,
    servers: now.servers.join() !== before.servers.join(),
    profile: now.profile_hash !== before.profile_hash,
  };
  return (["key", "recovery_key", "servers", "profile"] as const).filter((each) => changes[each]);
}
