import {
  hash,
  isSmimpError,
  keystoreVersions,
  MAX_KEYSTORE_BYTES,
  parseShape,
  toHex32,
  type Hex32,
  type SmimpError,
} from "@smimp/protocol";
import { etagOf, type Api } from "../api.ts";
import type { Self } from "../self.ts";

/** Seconds that uploading the keystore may take. */
const UPLOAD_SECONDS = 120;
/** The highest that can be asked for: nobody gets there. */
const NO_VERSION = "9".repeat(15);

/** A sealed version as it came from the server. */
export interface ServerCopy {
  readonly bytes: Uint8Array;
  readonly etag: string | null;
  readonly hash: Hex32;
}

/** How a session is had: the owner's, or one of the recovery key while somebody recovers (protocol section 5). */
export type AsOwner = <Result>(work: (token: string) => Promise<Result>) => Promise<Result>;

/** Carries sealed keystores to the owner's server and back (protocol section 8). */
export interface KeystoreTransfer {
  /** The newest; null where there is none; `same` where it is still the one with this ETag. */
  get(known: string | null): Promise<ServerCopy | null | "same">;
  /** One of the versions that the server keeps; null where it is gone. */
  getVersion(version: number): Promise<ServerCopy | null>;
  /** The numbers of the versions that the server keeps, as their makers wrote them in clear. */
  versions(): Promise<readonly number[]>;
  /** Stores the next one in the place of that ETag's (null: of none); its ETag. False where another stands there by now. */
  put(sealed: Uint8Array, after: string | null, keep: number | null): Promise<{ readonly etag: string | null } | false>;
}

/** What a server says that it keeps; nothing where it doesn't say. */
function versionsIn({ members }: SmimpError): readonly number[] {
  try {
    return parseShape(keystoreVersions, members).versions;
  } catch (error) {
    if (!isSmimpError(error)) throw error;
    return [];
  }
}

/** Carries them in sessions of that kind. */
export function createTransfer(
  api: Api,
  { self, asOwner }: { readonly self: Pick<Self, "baseUrl">; readonly asOwner: AsOwner },
): KeystoreTransfer {
  async function read(options: { readonly query?: Record<string, string>; readonly headers?: Record<string, string> }) {
    return await asOwner(
      async (token) => await api.readBytes(self.baseUrl, "getKeystore", { ...options, token, maxBytes: MAX_KEYSTORE_BYTES }),
    ).catch((error: unknown) => {
      if (isSmimpError(error, "not_found")) return null;
      throw error;
    });
  }

  const copyOf = ({ body, headers }: NonNullable<Awaited<ReturnType<typeof read>>>): ServerCopy => ({
    bytes: body,
    etag: etagOf({ headers }),
    hash: toHex32(hash(body)),
  });

  return {
    get: async (known) => {
      const answer = await read(known === null ? {} : { headers: { "if-none-match": known } });
      if (answer === null) return null;
      return answer.status === 304 ? "same" : copyOf(answer);
    },
    getVersion: async (version) => {
      const answer = await read({ query: { version: String(version) } });
      return answer === null ? null : copyOf(answer);
    },
    versions: async () => {
      const query = { version: NO_VERSION };
      const asking = asOwner(
        async (token) => await api.readBytes(self.baseUrl, "getKeystore", { query, token, maxBytes: MAX_KEYSTORE_BYTES }),
      );
      try {
        await asking;
        return [];
      } catch (error) {
        if (!isSmimpError(error, "not_found")) throw error;
        return versionsIn(error);
      }
    },
    put: async (sealed, after, keep) => {
      const headers: Record<string, string> = after === null ? { "if-none-match": "*" } : { "if-match": after };
      const query = keep === null ? {} : { query: { keep: String(keep) } };
      const body = { bytes: new Uint8Array(sealed), length: sealed.length, seconds: UPLOAD_SECONDS, headers, ...query };
      try {
        const answer = await asOwner(async (token) => await api.put(self.baseUrl, "putKeystore", { ...body, token }));
        return { etag: etagOf(answer) };
      } catch (error) {
        if (isSmimpError(error, "precondition_failed")) return false;
        throw error;
      }
    },
  };
}
