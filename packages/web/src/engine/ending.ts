/** Ends several things, one after the other, each whatever becomes of those before; rejects with the first error there was. */
export async function endAll(ends: readonly (() => Promise<unknown>)[]): Promise<void> {
  const errors: unknown[] = [];
  for (const end of ends) {
    try {
      // oxlint-disable-next-line no-await-in-loop -- one after the other
      await end();
    } catch (error) {
      errors.push(error);
    }
  }
  if (errors.length > 0) throw errors[0];
}
