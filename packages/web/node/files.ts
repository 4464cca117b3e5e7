import { existsSync } from "node:fs";
import { join } from "node:path";

export { compareReleases, parseRelease, RELEASE_FILE, releasedFile, type Release, type ReleaseDifference } from "./release.ts";

/** The folder of the built web client, for whoever serves it, or the one that `SMIMP_WEB_DIR` names; null where it was not built. */
export function webClientDir(): string | null {
  const dir = process.env["SMIMP_WEB_DIR"] ?? join(import.meta.dirname, "../dist");
  return existsSync(join(dir, "index.html")) ? dir : null;
}
