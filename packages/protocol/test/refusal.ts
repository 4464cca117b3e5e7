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

/** What `action` throws. Throws TypeError where that is nothing. */
export function errorOf(action: () => unknown): Error {
  try {
    action();
  } catch (error) {
    if (error instanceof Error) return error;
  }
  throw new TypeError("no error was thrown");
}
