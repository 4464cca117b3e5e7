import type { Contact } from "@smimp/client";
import { shownName as nameFitToShow } from "../../app/text.ts";

/** What a contact calls themselves, fit to be shown; null where they don't. */
export function shownName({ name }: Pick<Contact, "name">): string | null {
  return nameFitToShow(name);
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
