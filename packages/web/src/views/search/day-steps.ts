/** The day after one, both as `2026-11-30`. */
export function dayAfter(day: string): string {
  return moved(day, 1);
}

/** The day before one. */
export function dayBefore(day: string): string {
  return moved(day, -1);
}

function moved(day: string, by: number): string {
  const date = new Date(`${day}T00:00:00Z`);
  date.setUTCDate(date.getUTCDate() + by);
  return date.toISOString().slice(0, 10);
}
