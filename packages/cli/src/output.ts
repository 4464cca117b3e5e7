import { stripVTControlCharacters, styleText } from "node:util";

/** How a command speaks: to a person, or with `--json` to a program, one object a line. */
export interface Output {
  readonly json: boolean;
  /** One result; `text` is what a person reads of it. */
  result(value: Readonly<Record<string, unknown>>, text: string): void;
  /** A line for people only, on standard error, so that standard output holds results alone. */
  say(text: string): void;
  /** A warning for people; with `--json` the results carry the same in their members. */
  warn(text: string): void;
}

type Style = Parameters<typeof styleText>[0];

/** Colours, where the stream is a terminal and nobody asked for none. */
export function style(format: Style, text: string, stream: NodeJS.WriteStream = process.stdout): string {
  const plain = stream.isTTY !== true || (process.env["NO_COLOR"] ?? "") !== "";
  return plain ? text : styleText(format, text, { validateStream: false });
}

/** Makes the output of a command. */
export function createOutput(json: boolean): Output {
  return {
    json,
    result: (value, text) => void process.stdout.write(json ? `${JSON.stringify(value)}\n` : `${text}\n`),
    say: (text) => void (json || process.stderr.write(`${text}\n`)),
    warn: (text) => void (json || process.stderr.write(`${style("yellow", text, process.stderr)}\n`)),
  };
}

/**
 * What a peer wrote, safe to show: control and invisible format characters, with which a message could repaint a terminal
 * or turn text round, are made visible. Line feeds and tabs stay where `lines` says so.
 */
export function printable(text: string, lines: "one line" | "many lines" = "one line"): string {
  const kept = lines === "many lines" ? text.replace(/\r\n?/g, "\n") : text;
  return kept.replace(/[\p{Cc}\p{Cf}\p{Co}\p{Cs}\u2028\u2029]/gu, (character) => {
    if (lines === "many lines" && (character === "\n" || character === "\t")) return character;
    // What joins letters and emoji is harmless and changes what they mean.
    if (character === "\u200d" || character === "\u200c") return character;
    return lines === "one line" && (character === "\n" || character === "\t") ? " " : "\ufffd";
  });
}

/** Rows in aligned columns, two spaces apart; the last column is not filled up. */
export function table(rows: readonly (readonly string[])[]): string {
  const widths: number[] = [];
  for (const row of rows) for (const [column, cell] of row.entries()) widths[column] = Math.max(widths[column] ?? 0, widthOf(cell));
  return rows
    .map((row) =>
      row.map((cell, column) => (column === row.length - 1 ? cell : cell + " ".repeat((widths[column] ?? 0) - widthOf(cell)))).join("  "),
    )
    .join("\n");
}

// Columns that a terminal fills: escapes fill none, wide characters two.
function widthOf(text: string): number {
  const plain = stripVTControlCharacters(text);
  let width = 0;
  for (const character of plain)
    width += /\p{Extended_Pictographic}|[\u1100-\u115f\u2e80-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60]/u.test(character)
      ? 2
      : 1;
  return width;
}

/** A size for people. */
export function sizeText(bytes: number): string {
  const units = ["bytes", "kB", "MB", "GB"];
  let unit = 0;
  let value = bytes;
  while (value >= 1000 && unit < units.length - 1) {
    value /= 1000;
    unit++;
  }
  return `${unit === 0 || value >= 100 ? Math.round(value) : value.toFixed(1)} ${units[unit] ?? ""}`;
}

/** A time for people, in their own time zone. */
export function timeText(time: string): string {
  const date = new Date(time);
  const two = (value: number): string => String(value).padStart(2, "0");
  return `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())} ${two(date.getHours())}:${two(date.getMinutes())}`;
}
