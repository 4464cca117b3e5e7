/** Months that are offered at most. */
const MOST = 120;

/**
 * Months before which there is something to burn, the latest first: from the one behind the oldest with messages up to this one.
 * `archived` are months as `2026-11`, the oldest first.
 */
export function monthsToBurn(archived: readonly string[], now: Date): readonly string[] {
  const [oldest] = archived;
  if (oldest === undefined) return [];
  const months: string[] = [];
  let [year, month] = [now.getUTCFullYear(), now.getUTCMonth() + 1];
  for (let each = nameOf(year, month); each > oldest && months.length < MOST; each = nameOf(year, month)) {
    months.push(each);
    [year, month] = month === 1 ? [year - 1, 12] : [year, month - 1];
  }
  return months;
}

function nameOf(year: number, month: number): string {
  return `${year}-${String(month).padStart(2, "0")}`;
}
