import { hash, parseProfile, SmimpError, toHex32, type Address, type Hex32 } from "@smimp/protocol";
import { Readable } from "node:stream";
import type { Services } from "../services.ts";
import type { Avatar, AvatarType } from "../store/avatars.ts";
import type { StoreWriter } from "../store/store.ts";
import { unknownUser } from "./public-identity.ts";

/** Bytes of an image that are in memory for one reader. */
const PIECE_BYTES = 64 * 1024;

/** How images of each type begin. */
const SIGNATURES: Readonly<Record<AvatarType, readonly number[]>> = {
  "image/png": [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a],
  "image/jpeg": [0xff, 0xd8, 0xff],
};

/**
 * Stores an avatar's image; it is shown once the profile names it (protocol section 3). Resolves with its hash. Throws `bad_request` for
 * what begins neither as PNG nor as JPEG.
 */
export async function storeAvatar({ store, clock }: Pick<Services, "store" | "clock">, owner: Address, bytes: Uint8Array): Promise<Hex32> {
  const mediaType = typeOf(bytes);
  const image = toHex32(hash(bytes));
  await store.transact(async (writer) => {
    const account = await writer.accounts.find(owner);
    if (account === null) throw unknownUser();
    await writer.avatars.put(owner, { hash: image, mediaType, storedAt: clock() }, bytes, avatarNamed(account.profile) === image);
  });
  return image;
}

/** The image that an address shows. Throws `unknown_user`, `not_found` where there is none. */
export async function findAvatar(store: Services["store"], address: Address): Promise<Avatar> {
  return await store.read(async (reader) => {
    if ((await reader.accounts.find(address)) === null) throw unknownUser();
    const avatar = await reader.avatars.named(address);
    if (avatar === null) throw new SmimpError("not_found", "there is no avatar");
    return avatar;
  });
}

/** Its bytes, read from the database piece by piece as they are taken, so that many slow readers hold little. */
export function readAvatar(store: Services["store"], address: Address, avatar: Avatar): Readable {
  async function* pieces(): AsyncGenerator<Uint8Array> {
    for (let offset = 0; offset < avatar.size; offset += PIECE_BYTES) {
      const piece = await store.read((reader) => reader.avatars.bytes(address, avatar.hash, offset, PIECE_BYTES));
      if (piece === null) throw new SmimpError("not_found", "the avatar was taken away meanwhile");
      yield piece;
    }
  }
  return Readable.from(pieces(), { objectMode: false });
}

/** Keeps of an account's images what goes with its new profile, inside the transaction that sets it: with the text goes all of it (protocol section 3). */
export async function keepAvatarOf(writer: StoreWriter, address: Address, profile: string | null): Promise<void> {
  if (profile === null) await writer.avatars.clear(address);
  else await writer.avatars.name(address, avatarNamed(profile));
}

/** The hash of the image that a profile's text names. The text was parsed once before: it is well-formed. */
function avatarNamed(profile: string | null): Hex32 | null {
  return profile === null ? null : (parseProfile(profile).avatar?.hash ?? null);
}

/** What an image is by how it begins. Throws `bad_request`. */
export function typeOf(bytes: Uint8Array): AvatarType {
  for (const type of ["image/png", "image/jpeg"] as const) {
    if (SIGNATURES[type].every((byte, index) => bytes[index] === byte)) return type;
  }
  throw new SmimpError("bad_request", "an avatar is a PNG or JPEG image");
}
