import type { Client } from "@smimp/client";
import { importMails, type ImportCounts, type LeftOut } from "@smimp/conversion";
import { isSmimpError } from "@smimp/protocol";
import type { CallContext } from "../call.ts";
import { startConverter } from "./converter.ts";
import { mailsIn } from "./files-of-mail.ts";

/** Where mail from elsewhere goes, and whether it counts as read where nothing says so. */
export interface BringOptions {
  /** The id of a folder; null is the inbox. */
  readonly folder: string | null;
  readonly read: boolean;
}

/** What an import did, with the places of the first mails that were left out. */
export interface ImportOutcome extends ImportCounts {
  readonly leftOut: readonly { readonly place: string; readonly reason: LeftOut }[];
  /** The server has no room left: what comes behind was not tried. */
  readonly full: boolean;
}

/** Mails that are named when they are left out; the others are counted. */
const NAMED = 20;

/** Brings mail in from files; what is here already is not brought in twice. */
export async function bringIn(
  client: Client,
  { signal, onProgress }: CallContext,
  files: readonly File[],
  { folder, read }: BringOptions,
): Promise<ImportOutcome> {
  const total = files.reduce((sum, { size }) => sum + size, 0);
  const leftOut: ImportOutcome["leftOut"][number][] = [];
  const converter = startConverter();
  let counts: ImportCounts = { added: 0, known: 0, skipped: 0 };
  const outcome = (full: boolean): ImportOutcome => ({ ...counts, leftOut, full });
  try {
    await importMails(mailsIn(files), {
      converter,
      add: async (mail) => await client.imports.add(mail),
      folderFor: async () => await Promise.resolve(folder),
      read,
      signal,
      onProgress: (now, done) => {
        counts = now;
        onProgress({ step: "import", to: null, name: null, done, total });
      },
      onSkipped: (place, reason) => {
        if (leftOut.length < NAMED) leftOut.push({ place, reason });
      },
    });
    return outcome(false);
  } catch (error) {
    if (isSmimpError(error, "quota_exceeded")) return outcome(true);
    throw error;
  } finally {
    await converter.close();
    // What was brought in is on the server; now it is here as well.
    if (counts.added > 0) await client.sync().catch(() => undefined);
  }
}
