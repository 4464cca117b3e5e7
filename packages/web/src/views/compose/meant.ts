import type { Address } from "@smimp/protocol";
import type { Recipient } from "./recipients.tsx";

// People are used to addresses with an @. What is written that way may mean somebody here, or somebody who has only email.

/** What is written with an @, with the sign of addresses here; null where it is nothing of the kind. */
export function withOurSign(text: string): string | null {
  return /^[^@#\s]+@[^@#\s]+$/.test(text) ? text.replace("@", "#") : null;
}

/** Whom a message may be meant for: those named, and those who would be with another sign. */
export function lookedFor(people: readonly Recipient[]): readonly Address[] {
  return people.flatMap(({ address, meant }) => address ?? meant ?? []);
}

/** A row in which an address that was meant stands for what was typed, once. */
export function withMeant(row: readonly Recipient[], text: string, meant: Address): readonly Recipient[] {
  const isThere = row.some(({ address }) => address === meant);
  return row.flatMap((each) => {
    if (each.address !== null || each.text !== text) return [each];
    return isThere ? [] : [{ text: meant, address: meant }];
  });
}
