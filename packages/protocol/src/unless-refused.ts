import { isSmimpError, type SmimpError } from "./problem.ts";

/** What `work` gives; where it refuses with a SmimpError, what `otherwise` makes of that. Any other error is nobody's refusal and passes. */
export function unlessRefused<Value, Other>(work: () => Value, otherwise: (refusal: SmimpError) => Other): Value | Other {
  try {
    return work();
  } catch (error) {
    if (isSmimpError(error)) return otherwise(error);
    throw error;
  }
}
