import { useMemo } from "react";
import { useLanguage } from "../messages/messages.tsx";
import type { Language } from "./preferences.ts";

/** How moments are written. */
export interface Dates {
  /** As short as it can be told apart: the time today, the day this year, else the date. */
  readonly short: (at: string) => string;
  /** The time of day. */
  readonly time: (at: string) => string;
  /** A day in full, without its weekday. */
  readonly day: (at: string) => string;
  /** A month and its year; `month` is e.g. `2026-11`. */
  readonly month: (month: string) => string;
  /** Day and time in full. */
  readonly long: (at: string) => string;
  /** Bytes, in a unit that one can imagine. */
  readonly size: (bytes: number) => string;
  readonly number: (value: number) => string;
  /** A part of a whole. */
  readonly percent: (part: number) => string;
}

/** How moments and numbers are written in the chosen language, as they are where the browser is at home. */
export function useDates(): Dates {
  const language = useLanguage();
  return useMemo(() => datesIn(localeOf(language)), [language]);
}

/** The browser's own variety of a language. */
export function localeOf(language: Language): string {
  return navigator.languages.find((each) => each.slice(0, 2) === language) ?? language;
}

const UNITS = ["byte", "kilobyte", "megabyte", "gigabyte"] as const;

function datesIn(locale: string): Dates {
  const time = new Intl.DateTimeFormat(locale, { timeStyle: "short" });
  const day = new Intl.DateTimeFormat(locale, { day: "numeric", month: "short" });
  const date = new Intl.DateTimeFormat(locale, { day: "2-digit", month: "2-digit", year: "numeric" });
  const plain = new Intl.DateTimeFormat(locale, { dateStyle: "long" });
  const months = new Intl.DateTimeFormat(locale, { month: "long", year: "numeric", timeZone: "UTC" });
  const whole = new Intl.DateTimeFormat(locale, { dateStyle: "full", timeStyle: "short" });
  const number = new Intl.NumberFormat(locale);
  const percent = new Intl.NumberFormat(locale, { style: "percent" });
  return {
    short: (at) => {
      const [then, now] = [new Date(at), new Date()];
      if (then.toDateString() === now.toDateString()) return time.format(then);
      return (then.getFullYear() === now.getFullYear() ? day : date).format(then);
    },
    time: (at) => time.format(new Date(at)),
    day: (at) => plain.format(new Date(at)),
    month: (month) => months.format(new Date(`${month}-01T00:00:00Z`)),
    long: (at) => whole.format(new Date(at)),
    size: (bytes) => {
      const power = Math.min(UNITS.length - 1, Math.floor(Math.log10(Math.max(1, bytes)) / 3));
      const unit = UNITS[power] ?? "byte";
      const format = new Intl.NumberFormat(locale, {
        style: "unit",
        unit,
        unitDisplay: unit === "byte" ? "long" : "short",
        maximumFractionDigits: power > 1 ? 1 : 0,
      });
      // No line breaks between a number and its unit.
      return format.format(bytes / 1_000 ** power).replaceAll(" ", "\u00a0");
    },
    number: (value) => number.format(value),
    percent: (part) => percent.format(part),
  };
}
