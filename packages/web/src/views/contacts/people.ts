import type { Contact } from "@smimp/client";
import { oneLine } from "../../app/text.ts";

/** Characters of a name that are shown. */
const NAME_LENGTH = 80;

/** What somebody calls themselves, fit to be shown; null where they don't. */
export function shownName({ name }: Pick<Contact, "name">): string | null {
  const shown = Array.from(oneLine(name ?? ""))
    .slice(0, NAME_LENGTH)
    .join("");
  return shown === "" ? null : shown;
}

/** Those who have all words of a text in their name or address, by name as the language sorts. */
export function searched(contacts: readonly Contact[], text: string, locale: string): readonly Contact[] {
  const words = folded(text).split(/\s+/).filter(Boolean);
  const { compare } = new Intl.Collator(locale, { sensitivity: "base", numeric: true });
  const called = new Map(contacts.map((each) => [each, shownName(each) ?? each.address]));
  return contacts
    .filter((each) => {
      const all = folded(`${called.get(each)} ${each.address}`);
      return words.every((word) => all.includes(word));
    })
    .toSorted((a, b) => compare(called.get(a) ?? "", called.get(b) ?? "") || (a.address < b.address ? -1 : 1));
}

function folded(text: string): string {
  return text.normalize("NFKD").replaceAll(/\p{M}/gu, "").toLowerCase();
}
