import { findAvatar, readAvatar, storeAvatar } from "../../accept/avatars.ts";
import type { Services } from "../../services.ts";
import { isHeld, quoted } from "../conditions.ts";
import type { Handlers } from "../endpoint.ts";
import { PUBLIC_CACHE } from "../headers.ts";

/** Whatever is in the image: opened by itself, it runs nothing and loads nothing. */
const IMAGE_POLICY = "default-src 'none'; frame-ancestors 'none'; sandbox";

/** GET user_avatar/{address}, POST user_avatar (protocol section 3). */
export function avatarEndpoints(services: Pick<Services, "store" | "clock">) {
  const { store } = services;
  return {
    getUserAvatar: async (call) => {
      const avatar = await findAvatar(store, call.params.address);
      const headers = { etag: quoted(avatar.hash), "cache-control": PUBLIC_CACHE, "content-security-policy": IMAGE_POLICY };
      if (isHeld(call, avatar.hash)) return { body: null, headers, status: 304 as const };
      return {
        body: readAvatar(store, call.params.address, avatar),
        headers: { ...headers, "content-type": avatar.mediaType, "content-length": String(avatar.size) },
      };
    },
    postUserAvatar: async ({ caller, body }) => ({ body: { hash: await storeAvatar(services, caller.address, await body.all()) } }),
  } satisfies Partial<Handlers>;
}
