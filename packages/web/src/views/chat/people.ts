import type { Address } from "@smimp/protocol";

/** Who is in a conversation, in an order that doesn't change. */
export function orderedPeople(people: readonly Address[], me: Address): readonly Address[] {
  const others = [...new Set(people)].filter((each) => each !== me).toSorted();
  return others.length === 0 ? [me] : others;
}

/** The people that a place names; null where it names nobody. */
export function parsePeople(text: string | null): readonly Address[] | null {
  const people = (text ?? "").split(",").filter((each) => each.includes("#"));
  return people.length === 0 ? null : ([...new Set(people)].toSorted() as Address[]);
}

/** What a place is called that shows a conversation. */
export function placeOfPeople(people: readonly Address[]): string {
  return people.join(",");
}
