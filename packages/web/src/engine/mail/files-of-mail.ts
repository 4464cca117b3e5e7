import { beginsLikeMbox, looksLikeMail, MAX_MAIL_BYTES, ofAppleMail, readMbox, type ByteSource, type Found } from "@smimp/conversion";

/** Bytes by which it is seen what a file is. */
const BEGINNING = 4_096;

/** Every mail in files that somebody has chosen, one after the other: mbox files, and a file for each mail. */
export async function* mailsIn(files: readonly File[]): AsyncGenerator<Found> {
  for (const file of files) yield* mailsInFile(file);
}

async function* mailsInFile(file: File): AsyncGenerator<Found> {
  const { name: place, size } = file;
  const source = sourceOf(file);
  try {
    const beginning = await source.read(0, BEGINNING);
    if (beginsLikeMbox(beginning)) return yield* readMbox(source, place);
    if (!looksLikeMail(endingOf(place), beginning)) return yield { place, reason: "not_mail" };
    if (size > MAX_MAIL_BYTES) return yield { place, reason: "too_large" };
    const bytes = await source.read(0, size);
    const mail = endingOf(place) === ".emlx" ? ofAppleMail(bytes) : null;
    yield { place, bytes: mail ?? bytes, read: null, receivedAt: null, folder: [] };
  } catch (error) {
    // It was taken away or changed meanwhile.
    if (!(error instanceof DOMException)) throw error;
    yield { place, reason: "unreadable" };
  }
}

function sourceOf(file: File): ByteSource {
  return {
    size: file.size,
    read: async (position, length) => new Uint8Array(await file.slice(position, position + length).arrayBuffer()),
  };
}

function endingOf(name: string): string {
  return /\.[^.]*$/.exec(name)?.[0].toLowerCase() ?? "";
}
