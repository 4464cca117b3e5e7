/** One figure of the benchmark. */
export interface Figure {
  readonly name: string;
  readonly value: number;
  readonly unit: "1/s" | "s" | "MB";
  /** The floor measured in the same run, or the limit that the project set itself; same unit. */
  readonly reference: number;
  /** `value` over `reference`: for rates more is better, for times and memory less. */
  readonly ratio: number;
}

/** A figure, rounded to what the measurement is worth. */
export function figure(name: string, value: number, unit: Figure["unit"], reference: number): Figure {
  return { name, value: round(value), unit, reference: round(reference), ratio: round(value / reference) };
}

/** Three significant digits, and whole numbers from 100 on. */
function round(value: number): number {
  return value >= 100 ? Math.round(value) : Number(value.toPrecision(3));
}

const COLUMNS = { name: 34, value: 10, reference: 12, ratio: 8 };

/** The heading of the table for people. */
export function tableHead(): string {
  return `${"".padEnd(COLUMNS.name)}${"measured".padStart(COLUMNS.value + 4)}${"floor/limit".padStart(COLUMNS.reference)}${"ratio".padStart(COLUMNS.ratio)}`;
}

/** A figure as a line of the table. */
export function tableLine({ name, value, unit, reference, ratio }: Figure): string {
  return (
    name.padEnd(COLUMNS.name) +
    String(value).padStart(COLUMNS.value) +
    unit.padStart(4) +
    String(reference).padStart(COLUMNS.reference) +
    ratio.toFixed(2).padStart(COLUMNS.ratio)
  );
}
