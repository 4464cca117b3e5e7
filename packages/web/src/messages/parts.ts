import type { Language } from "../app/preferences.ts";
import type { en } from "./en/all.ts";

// Texts come in parts, each fetched when it is wanted: whoever opens their mailbox doesn't wait for what the settings say.

/** A message: a text, or what makes one of values. */
type Widened<Message> = Message extends string
  ? string
  : Message extends (...args: infer Args) => string
    ? (...args: Args) => string
    : { readonly [Key in keyof Message]: Widened<Message[Key]> };

/** Every text of the interface. English says which there are; another language that lacks one does not pass the type check. */
export type Messages = Widened<typeof en>;

/** A part of the texts: what the list of messages shows, what stands before the mailbox, and all the rest. */
export type Part = "first" | "door" | "later";

/** Texts that are on their way. */
export interface Coming {
  readonly promise: Promise<Partial<Messages>>;
  /** Undefined until they are here. */
  texts: Partial<Messages> | undefined;
  /** They can't be fetched. */
  failed: boolean;
}

const SOURCES: Readonly<Record<Language, Readonly<Record<Part, () => Promise<Partial<Messages>>>>>> = {
  en: {
    first: async () => (await import("./en/first.ts")).first,
    door: async () => await import("./en/door.ts"),
    later: async () => (await import("./en/later.ts")).later,
  },
  de: {
    first: async () => (await import("./de/first.ts")).first,
    door: async () => await import("./de/door.ts"),
    later: async () => (await import("./de/later.ts")).later,
  },
};

/** A view that waits for texts which can't be fetched is drawn again at once: only after so long, milliseconds, are they asked for anew. */
const AGAIN_AFTER = 5_000;
const coming = new Map<string, Coming>();

/** A part of a language's texts, fetched once. */
export function comingPart(language: Language, part: Part): Coming {
  const key = `${language} ${part}`;
  const begun = coming.get(key);
  if (begun !== undefined) return begun;
  const entry: Coming = { promise: SOURCES[language][part](), texts: undefined, failed: false };
  coming.set(key, entry);
  entry.promise.then(
    (texts) => (entry.texts = texts),
    () => {
      entry.failed = true;
      setTimeout(() => forget(key, entry), AGAIN_AFTER);
    },
  );
  return entry;
}

function forget(key: string, entry: Coming): void {
  if (coming.get(key) === entry) coming.delete(key);
}

/** Fetches a part of a language's texts. */
export async function loadPart(language: Language, part: Part): Promise<Partial<Messages>> {
  const key = `${language} ${part}`;
  const before = coming.get(key);
  // The network may be back when somebody asks again.
  if (before?.failed === true) forget(key, before);
  return await comingPart(language, part).promise;
}

/** Which parts somebody has asked for, in whatever language. */
export function partsAskedFor(): readonly Part[] {
  return (["first", "door", "later"] as const).filter((part) =>
    [...coming].some(([key, { failed }]) => !failed && key.endsWith(` ${part}`)),
  );
}
