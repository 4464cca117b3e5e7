import { randomBytes } from "node:crypto";
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";

/** A text that nobody but the two people may ever see. */
export interface Canary {
  /** Where it was planted, e.g. `subject`. */
  readonly place: string;
  /** What is looked for: random, so that it stands nowhere else in the world. */
  readonly secret: string;
  /** What people see: some words and the secret. */
  readonly text: string;
}

/** Where a canary was found that should not be. */
export interface Sighting {
  readonly place: string;
  readonly form: string;
  readonly where: string;
}

const CANARY_BYTES = 12;

/** Makes a canary; `words` stand before its secret, so that it looks like something that people write. */
export function makeCanary(place: string, words: string): Canary {
  const secret = randomBytes(CANARY_BYTES).toString("hex");
  return { place, secret, text: `${words} ${secret}` };
}

/** The bytes to look for, by form: as it is, as UTF-16, hex in both cases, both kinds of base64 at all three alignments. */
export function formsOf(canary: Canary): readonly { readonly form: string; readonly bytes: Buffer }[] {
  const raw = Buffer.from(canary.secret, "utf8");
  const hex = raw.toString("hex");
  const forms = [
    { form: "raw", bytes: raw },
    { form: "utf-16", bytes: Buffer.from(canary.secret, "utf16le") },
    { form: "hex", bytes: Buffer.from(hex) },
    { form: "hex", bytes: Buffer.from(hex.toUpperCase()) },
  ];
  for (const encoding of ["base64", "base64url"] as const) {
    for (const before of [0, 1, 2]) {
      const text = Buffer.concat([Buffer.alloc(before), raw])
        .toString(encoding)
        .replace(/=+$/, "");
      // The first and last characters also carry bits of whatever stands beside the canary.
      const start = Math.ceil((before * 8) / 6);
      const end = Math.floor(((before + raw.length) * 8) / 6);
      forms.push({ form: `${encoding}, alignment ${before}`, bytes: Buffer.from(text.slice(start, end)) });
    }
  }
  return forms;
}

/** Looks for every form of every canary in those bytes. */
export function searchBytes(where: string, content: Uint8Array, canaries: readonly Canary[]): readonly Sighting[] {
  const hay = Buffer.from(content.buffer, content.byteOffset, content.byteLength);
  return canaries.flatMap((canary) =>
    formsOf(canary)
      .filter(({ bytes }) => hay.includes(bytes))
      .map(({ form }) => ({ place: canary.place, form, where })),
  );
}

/** Result of a search through folders. */
export interface FolderSearch {
  readonly files: number;
  readonly bytes: number;
  readonly sightings: readonly Sighting[];
}

/** Looks through every file of a folder and all its subfolders, whatever it is. */
export async function searchFolder(folder: string, canaries: readonly Canary[]): Promise<FolderSearch> {
  let files = 0;
  let bytes = 0;
  const sightings: Sighting[] = [];
  for (const entry of await readdir(folder, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile()) continue;
    const file = join(entry.parentPath, entry.name);
    // One at a time: memory holds one file, not all.
    // oxlint-disable-next-line no-await-in-loop
    const content = await readIfThere(file);
    if (content === null) continue;
    files++;
    bytes += content.length;
    sightings.push(...searchBytes(file, content, canaries));
  }
  return { files, bytes, sightings };
}

/** A database folds its side files away when it likes; what is gone can't leak. */
async function readIfThere(file: string): Promise<Buffer | null> {
  try {
    return await readFile(file);
  } catch (error) {
    if ((error as { code?: string }).code === "ENOENT") return null;
    throw error;
  }
}
