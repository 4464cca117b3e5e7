import { processJson } from "@smimp/identity";
import {
  ENDPOINTS,
  hash,
  MAX_AVATAR_BYTES,
  MAX_PROFILE_BYTES,
  parseProfile,
  SmimpError,
  toHex32,
  utf8,
  type Profile,
} from "@smimp/protocol";
import type { Api } from "../api.ts";
import type { OwnProfile, ProfileChange, ProfileRoom } from "../rooms/profile.ts";
import type { OwnRecords } from "../keys/own-records.ts";
import type { People } from "../people.ts";
import type { Self } from "../self.ts";
import type { Sessions } from "../session.ts";
import type { Storage } from "../storage/storage.ts";
import { createAvatars } from "./avatars.ts";
import { readProfile } from "./read-profile.ts";

/** What the own profile works with. */
export interface ProfileParts {
  readonly storage: Storage;
  readonly api: Api;
  readonly sessions: Sessions;
  readonly self: Self;
  readonly people: People;
  readonly records: OwnRecords;
}

/** What the owner says of themselves in public (protocol section 3). */
export function createProfile({ storage, api, sessions, self, people, records }: ProfileParts): ProfileRoom {
  async function change(how: (before: Profile) => Profile): Promise<void> {
    await records.append(({ profile }) => {
      const before = readProfile(profile);
      const text = textOf(how(before));
      return text === profile ? undefined : { profile: text };
    });
  }

  return {
    get: async () => shown(readProfile((await people.find(self.address)).profile)),
    of: async (address) => {
      const { profile } = await people.find(address);
      return profile === null ? null : shown(readProfile(profile));
    },
    avatarOf: createAvatars({ storage, api, people }),
    set: async (wanted) => await change((before) => changed(before, wanted)),
    setAvatar: async (bytes, mediaType) => {
      if (bytes.length > MAX_AVATAR_BYTES) throw new SmimpError("too_large", `an avatar has at most ${MAX_AVATAR_BYTES} bytes`);
      const body = { bytes: new Uint8Array(bytes), length: bytes.length, seconds: UPLOAD_SECONDS };
      const answer = await sessions.with(self.baseUrl, async (token) => await api.put(self.baseUrl, "postUserAvatar", { ...body, token }));
      const image = toHex32(hash(bytes));
      // What the owner signs is what they chose, whatever the server says that it is.
      if (processJson(ENDPOINTS.postUserAvatar.answer, answer).hash !== image)
        throw new SmimpError("temporarily_unavailable", "the server has stored another image");
      await change((before) => ({ ...before, avatar: { hash: image, media_type: mediaType } }));
    },
    deletePersonalData: async () =>
      await records.append(({ chain, profile }) =>
        profile === null && chain.head.document.profile_hash === null ? undefined : { profile: null },
      ),
  };
}

/** Seconds that uploading an avatar may take. */
const UPLOAD_SECONDS = 60;

function changed(before: Profile, { name, website, profiles, avatar }: ProfileChange): Profile {
  const after = {
    ...before,
    ...(name === undefined ? {} : { name: name ?? undefined }),
    ...(website === undefined ? {} : { website: website ?? undefined }),
    ...(profiles === undefined ? {} : { profiles: profiles === null ? undefined : [...profiles] }),
    ...(avatar === undefined ? {} : { avatar: undefined }),
  };
  return Object.fromEntries(Object.entries(after).filter(([, value]) => value !== undefined));
}

/** The text that goes into the history's hash. Throws `bad_request` for what nobody could read, `too_large`. */
function textOf(profile: Profile): string {
  const text = JSON.stringify(profile);
  if (utf8(text).length > MAX_PROFILE_BYTES) throw new SmimpError("too_large", `a profile has at most ${MAX_PROFILE_BYTES} bytes`);
  parseProfile(text);
  return text;
}

function shown({ name, website, profiles, avatar }: Profile): OwnProfile {
  return {
    name: name ?? null,
    website: website ?? null,
    profiles: profiles ?? [],
    avatar: avatar === undefined || avatar === null ? null : { hash: avatar.hash, mediaType: avatar.media_type },
  };
}
