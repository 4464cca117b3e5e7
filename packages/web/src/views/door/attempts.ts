/** An attempt that failed, and why. */
export interface Failure {
  readonly tried: string;
  readonly fault: unknown;
}

/**
 * Tries what is typed, one text at a time. What is asked for meanwhile is tried next, unless it is the same; of a text that was asked
 * for and overtaken by another nothing is told, so that no answer ever stands beside another text than its own.
 */
export function createAttempts(
  attempt: (text: string) => Promise<unknown>,
  told: { readonly begins: () => void; readonly ends: (failed: Failure | null) => void },
): (text: string) => void {
  let current: string | null = null;
  let next: string | null = null;

  async function run(text: string): Promise<void> {
    current = text;
    told.begins();
    const fault = await attempt(text).then(
      () => null,
      (error: unknown) => ({ error }),
    );
    const wanted = next;
    current = next = null;
    if (fault !== null && wanted !== null) return await run(wanted);
    told.ends(fault === null ? null : { tried: text, fault: fault.error });
  }

  return (text) => {
    if (current === null) void run(text);
    else next = text === current ? null : text;
  };
}
