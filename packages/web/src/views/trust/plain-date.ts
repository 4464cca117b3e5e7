import { useMemo } from "react";
import { localeOf } from "../../app/dates.ts";
import { useLanguage } from "../../messages/messages.tsx";

const DAY = 24 * 60 * 60 * 1_000;

/** How moments are told in a sentence: today and yesterday by these words, else by the date; always with the time. */
export function usePlainDate(): (at: string) => string {
  const language = useLanguage();
  return useMemo(() => {
    const locale = localeOf(language);
    const time = new Intl.DateTimeFormat(locale, { timeStyle: "short" });
    const date = new Intl.DateTimeFormat(locale, { day: "numeric", month: "long", year: "numeric" });
    const relative = new Intl.RelativeTimeFormat(locale, { numeric: "auto" });
    return (at) => {
      const then = new Date(at);
      const days = Math.round((midnight(then) - midnight(new Date())) / DAY);
      const day = days === 0 || days === -1 ? relative.format(days, "day") : date.format(then);
      return `${day}, ${time.format(then)}`;
    };
  }, [language]);
}

function midnight(at: Date): number {
  return new Date(at.getFullYear(), at.getMonth(), at.getDate()).getTime();
}
