import { createHash } from "node:crypto";

/** The name under which a build's list of files is served and published. */
export const RELEASE_FILE = "release.json";

/** A file of the web client. */
export interface ReleasedFile {
  /** Bytes. */
  readonly size: number;
  /** Hexadecimal. */
  readonly sha256: string;
}

/** What a build consists of. The same sources give the same release, wherever they are built. */
export interface Release {
  readonly version: string;
  /** By path from the base URL. */
  readonly files: Readonly<Record<string, ReleasedFile>>;
}

/** Size and hash of a file. */
export function releasedFile(bytes: Uint8Array): ReleasedFile {
  return { size: bytes.length, sha256: createHash("sha256").update(bytes).digest("hex") };
}

/** A difference between two releases. */
export interface ReleaseDifference {
  readonly path: string;
  readonly how: "missing" | "changed" | "unknown";
}

/** In what a release that somebody serves differs from the one that is known. */
export function compareReleases(known: Release, served: Release): readonly ReleaseDifference[] {
  const missing = Object.entries(known.files).flatMap(([path, { sha256 }]): readonly ReleaseDifference[] => {
    const other = served.files[path];
    if (other === undefined) return [{ path, how: "missing" }];
    return other.sha256 === sha256 ? [] : [{ path, how: "changed" }];
  });
  const unknown = Object.keys(served.files).flatMap((path): readonly ReleaseDifference[] =>
    Object.hasOwn(known.files, path) ? [] : [{ path, how: "unknown" }],
  );
  return [...missing, ...unknown];
}

/** Reads a release. Throws TypeError for what is none. */
export function parseRelease(text: string): Release {
  let value: Partial<Release> | null;
  try {
    value = JSON.parse(text) as Partial<Release> | null;
  } catch {
    throw new TypeError("that is no release");
  }
  const files = value?.files;
  if (typeof value?.version !== "string" || typeof files !== "object" || files === null) throw new TypeError("that is no release");
  const entries = Object.entries(files).map(([path, file]) => {
    const { size, sha256 } = (file ?? {}) as Partial<ReleasedFile>;
    if (typeof size !== "number" || typeof sha256 !== "string" || !/^[0-9a-f]{64}$/.test(sha256)) throw new TypeError("that is no release");
    return [path, { size, sha256 }] as const;
  });
  return { version: value.version, files: Object.fromEntries(entries) };
}
