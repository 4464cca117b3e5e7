/** The moment at which a day begins where the owner is; `day` is `2026-11-30`. */
export function beginOf(day: string): string {
  return timestamp(dateOf(day, 0));
}

/** The moment at which a day is over. */
export function endOf(day: string): string {
  return timestamp(dateOf(day, 1));
}

/** The day that begins at a moment. */
export function dayFrom(at: string): string {
  return dayOf(new Date(at));
}

/** The day that is over at a moment. */
export function dayUntil(at: string): string {
  return dayOf(new Date(new Date(at).getTime() - 1));
}

/** A day, as fields for dates have it. */
export function dayOf(date: Date): string {
  const [year, month, day] = [date.getFullYear(), date.getMonth() + 1, date.getDate()];
  return `${String(year).padStart(4, "0")}-${String(month).padStart(2, "0")}-${String(day).padStart(2, "0")}`;
}

function dateOf(day: string, later: number): Date {
  const [year = 0, month = 1, date = 1] = day.split("-").map(Number);
  return new Date(year, month - 1, date + later);
}

function timestamp(date: Date): string {
  return `${date.toISOString().slice(0, 19)}Z`;
}
