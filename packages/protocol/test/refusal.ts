import { SmimpError, type ProblemCode } from "@smimp/protocol";

/** The code that `action` is refused with, or null where it is not. Any other error is thrown on. */
export function codeOf(action: () => unknown): ProblemCode | null {
  try {
    action();
    return null;
  } catch (error) {
    if (error instanceof SmimpError) return error.code;
    throw error;
  }
}
