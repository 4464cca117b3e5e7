import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { exchange, type Fetch } from "@smimp/identity";
import type { BaseUrl } from "@smimp/protocol";
import {
  compareReleases,
  parseRelease,
  RELEASE_FILE,
  releasedFile,
  webClientDir,
  type Release,
  type ReleaseDifference,
} from "@smimp/web/files";

/** Bytes of the list of a web client's files. */
const MAX_RELEASE_BYTES = 1024 * 1024;
/** Bytes of the largest file that is fetched to be compared. */
const MAX_FILE_BYTES = 16 * 1024 * 1024;
const SECONDS = 30;

/** The webmail that this program has, and the list of its files; null where it was not built. Throws TypeError where the list is none. */
export async function ownRelease(): Promise<{ readonly dir: string; readonly release: Release } | null> {
  const dir = webClientDir();
  return dir === null ? null : { dir, release: parseRelease(await readFile(join(dir, RELEASE_FILE), "utf8")) };
}

/**
 * In what the webmail that a server gives out to this machine now differs from the one that is known: every file is fetched and
 * hashed, whatever the server says of it. (It may still give somebody else another one.) Null where it gives out none. Throws a
 * transport's errors.
 */
export async function compareServed(fetch: Fetch, server: BaseUrl, known: Release): Promise<readonly ReleaseDifference[] | null> {
  const get = async (path: string, maxBytes: number): Promise<Uint8Array | null> => {
    const { status, body } = await exchange(fetch, `${server}${path}`, { method: "GET" }, { maxBytes, seconds: SECONDS });
    return status === 200 ? body : null;
  };
  const list = await get(RELEASE_FILE, MAX_RELEASE_BYTES);
  if (list === null) return null;
  const told = parseRelease(new TextDecoder().decode(list));
  const files: Record<string, Release["files"][string]> = {};
  for (const path of new Set([...Object.keys(known.files), ...Object.keys(told.files)])) {
    // One after the other: it is a check, not a race.
    // oxlint-disable-next-line no-await-in-loop
    const bytes = await get(path === "index.html" ? "" : path, MAX_FILE_BYTES);
    if (bytes !== null) files[path] = releasedFile(bytes);
  }
  return compareReleases(known, { version: told.version, files });
}
