import { fromB64, hash, isSmimpError, MAX_AVATAR_BYTES, toB64, toHex32, type Address, type Hex32 } from "@smimp/protocol";
import type { Api } from "../api.ts";
import type { Avatar, ProfileRoom } from "../rooms/profile.ts";
import type { Known, People } from "../people.ts";
import { documents } from "../storage/documents.ts";
import type { Storage } from "../storage/storage.ts";
import { readProfile } from "./read-profile.ts";

/** What fetching avatars works with. */
export interface AvatarParts {
  readonly storage: Storage;
  readonly api: Api;
  readonly people: People;
}

/** Avatars by the hidden key of their owner's address. */
const avatars = documents<{ readonly hash: Hex32; readonly bytes: string }>("avatars");
/** Bytes of the largest avatar that is kept: a thousand contacts shall not fill a phone. */
const MAX_KEPT = 128 * 1024;
/** How images of each type begin (protocol section 3). */
const SIGNATURES: Readonly<Record<Avatar["mediaType"], readonly number[]>> = {
  "image/png": [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a],
  "image/jpeg": [0xff, 0xd8, 0xff],
};

/** Finds people's avatars: kept ones, or from their servers, held against the hash in the profile. */
export function createAvatars({ storage, api, people }: AvatarParts): ProfileRoom["avatarOf"] {
  const keyOf = (address: Address): string => storage.hiddenKey("avatars", address);

  async function fetched(address: Address, server: Known["baseUrl"]): Promise<Uint8Array | null> {
    try {
      const answer = await api.readBytes(server, "getUserAvatar", { params: { address }, maxBytes: MAX_AVATAR_BYTES });
      return answer.body;
    } catch (error) {
      if (isSmimpError(error, "not_found") || isSmimpError(error, "too_large")) return null;
      throw error;
    }
  }

  async function keep(address: Address, wanted: Hex32, bytes: Uint8Array): Promise<void> {
    if (bytes.length > MAX_KEPT) return;
    await storage.transact(
      async (writer) => await Promise.resolve(avatars.put(writer, keyOf(address), { hash: wanted, bytes: toB64(bytes) })),
    );
  }

  return async (address, { fetch = true } = {}) => {
    const known = fetch ? await people.find(address) : await people.known(address);
    const named = known === null ? undefined : readProfile(known.profile).avatar;
    if (known === null || named === undefined || named === null) return null;
    const { hash: wanted, media_type: mediaType } = named;
    const kept = await avatars.get(storage, keyOf(address));
    if (kept?.hash === wanted) return { hash: wanted, mediaType, bytes: fromB64(kept.bytes) };
    if (!fetch) return null;
    const bytes = await fetched(address, known.baseUrl);
    if (bytes === null || toHex32(hash(bytes)) !== wanted || !SIGNATURES[mediaType].every((byte, index) => bytes[index] === byte))
      return null;
    await keep(address, wanted, bytes);
    return { hash: wanted, mediaType, bytes };
  };
}
