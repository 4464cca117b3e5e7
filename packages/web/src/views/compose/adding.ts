import type { Address } from "@smimp/protocol";
import { withOurSign } from "./meant.ts";
import type { Recipient } from "./recipients.tsx";

/** A row of recipients, and who reads addresses for it. */
export interface AddingParts {
  readonly parse: (texts: readonly string[]) => Promise<readonly (Address | null)[]>;
  /** Who is in the row at that moment. */
  readonly row: () => readonly Recipient[];
  readonly change: (row: readonly Recipient[], added: number) => void;
}

/**
 * Adds recipients by what was typed. It takes a moment until the engine has read an address: whatever is added meanwhile comes behind
 * it, and nobody is left out. Resolves with everybody who is in the row then.
 */
export function createAdding(): (parts: AddingParts, texts: readonly string[]) => Promise<readonly Recipient[]> {
  let turn: Promise<unknown> = Promise.resolve();

  async function add({ parse, row, change }: AddingParts, texts: readonly string[]): Promise<readonly Recipient[]> {
    const wanted = texts.map((text) => text.replaceAll(/^[\s,;<]+|[\s,;>]+$/g, "")).filter((text) => text !== "");
    if (wanted.length === 0) return row();
    const addresses = await parse(wanted);
    const others = wanted.flatMap((text, index) => ((addresses[index] ?? null) === null ? (withOurSign(text) ?? []) : []));
    const found = others.length === 0 ? [] : await parse(others);
    const meantBy = new Map(others.map((text, index) => [text, found[index] ?? null]));
    const known = new Set(row().map(({ address, text }) => address ?? text));
    const added = wanted.flatMap((text, index): readonly Recipient[] => {
      const address = addresses[index] ?? null;
      const key = address ?? text;
      if (known.has(key)) return [];
      known.add(key);
      const meant = address === null ? meantBy.get(withOurSign(text) ?? "") : null;
      return [{ text, address, ...(meant === null || meant === undefined ? {} : { meant }) }];
    });
    if (added.length > 0) change([...row(), ...added], added.length);
    return row();
  }

  return async (parts, texts) => {
    const next = turn.then(async () => await add(parts, texts));
    turn = next.catch(() => undefined);
    return await next;
  };
}
