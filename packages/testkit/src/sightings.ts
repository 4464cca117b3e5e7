import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";

/** What was planted, by a name that tests report it under: a text, or bytes. */
export type Planted = ReadonlyMap<string, string | Uint8Array>;

/** A search for what was planted, in whatever form it could slip through. */
export interface Sightings {
  /** The names of what stands in these bytes. */
  in(content: Uint8Array | string): readonly string[];
  /** The same of every file below a folder, each with the file's path. A file that goes meanwhile is passed over. */
  below(folder: string): Promise<readonly string[]>;
}

/** Makes the search. */
export function sightingsOf(planted: Planted): Sightings {
  const forms = [...planted].flatMap(([name, secret]) => formsOf(secret).map((bytes) => ({ name, bytes })));
  const find = (content: Uint8Array | string): readonly string[] => {
    const hay = typeof content === "string" ? Buffer.from(content) : Buffer.from(content.buffer, content.byteOffset, content.byteLength);
    return [...new Set(forms.filter(({ bytes }) => hay.includes(bytes)).map(({ name }) => name))];
  };
  return {
    in: find,
    async below(folder) {
      const found: string[] = [];
      for (const file of await filesBelow(folder)) {
        const content = await readFile(file).catch(() => new Uint8Array());
        found.push(...find(content).map((name) => `${name} in ${file}`));
      }
      return found;
    },
  };
}

/** The paths of all files below a folder. */
export async function filesBelow(folder: string): Promise<readonly string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  return entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
}

/** As it is, in hexadecimal, and in both kinds of base64 at all three alignments; a text also in other letters and as URLs and JSON carry it. */
function formsOf(secret: string | Uint8Array): readonly Buffer[] {
  const raw = Buffer.from(secret);
  const hex = raw.toString("hex");
  const base64 = (["base64", "base64url"] as const).flatMap((encoding) =>
    [0, 1, 2].map((before) => {
      const encoded = Buffer.concat([Buffer.alloc(before), raw]).toString(encoding);
      // Characters at both ends also carry bits of what stands beside.
      return Buffer.from(encoded.slice(Math.ceil((before * 8) / 6), Math.floor(((before + raw.length) * 8) / 6)));
    }),
  );
  const text =
    typeof secret === "string"
      ? [
          ...[secret.toUpperCase(), secret.toLowerCase(), encodeURIComponent(secret), JSON.stringify(secret).slice(1, -1)].map((form) =>
            Buffer.from(form),
          ),
          Buffer.from(secret, "utf16le"),
        ]
      : [];
  return [raw, ...text, Buffer.from(hex), Buffer.from(hex.toUpperCase()), ...base64];
}
