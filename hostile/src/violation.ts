/** Something that must never be: the system and the model disagree, or a rule that always holds doesn't. */
export class Violation extends Error {
  override readonly name = "Violation";
}

/** Throws a violation where something doesn't hold. */
export function assure(holds: boolean, otherwise: string): asserts holds {
  if (!holds) throw new Violation(otherwise);
}
