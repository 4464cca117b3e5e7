import { useState, type ReactNode } from "react";
import { useDates } from "../../app/dates.ts";
import { useMessages } from "../../messages/messages.tsx";
import { Button } from "../../ui/button.tsx";
import { Field } from "../../ui/field.tsx";
import { FormChip, SetChip } from "./chip.tsx";
import { dayAfter, dayBefore } from "./day-steps.ts";
import { filterIn, withFilter, withoutFilter } from "./pieces.ts";

/** Times that are chosen most, as the engine takes them. */
const TIMES = { week: "7d", month: "30d", year: "1y" } as const;

/** What the engine takes for a time. */
const TIME = /^(?:\d{1,4}[dwmy]|today|yesterday|\d{4}(?:[-/]\d{1,2}){0,2})$/i;

/** A filter for when: the last days, or from one day to another. */
export function DateFilter({ query, onChange }: { readonly query: string; readonly onChange: (query: string) => void }): ReactNode {
  const { search } = useMessages();
  const texts = search.filters;
  const dates = useDates();
  const [after, before] = [timeIn("after"), timeIn("before")];
  const none = withoutFilter(withoutFilter(query, "after", search), "before", search);

  /** What is no time narrows nothing: that is said elsewhere. */
  function timeIn(operator: "after" | "before"): string | null {
    const value = filterIn(query, operator, search);
    return value !== null && TIME.test(value) ? value : null;
  }

  function shown(): string {
    const time = Object.entries(TIMES).find(([, value]) => before === null && value === after)?.[0];
    if (time !== undefined) return texts[time as keyof typeof TIMES];
    const day = (text: string | null, shift: (day: string) => string): string =>
      text === null ? "" : /^\d{4}-\d\d-\d\d$/.test(text) ? dates.day(`${shift(text)}T12:00:00`) : text;
    // “Before” means that the day itself isn't in it; people say until when.
    return `${day(after, (each) => each)} – ${day(before, dayBefore)}`.trim();
  }

  if (after !== null || before !== null) return <SetChip label={texts.dates} value={shown()} onRemove={() => onChange(none)} />;
  return (
    <FormChip label={texts.dates}>
      {(close) => (
        <DateForm
          onChoose={(from, until) => {
            close();
            const begun = from === null ? none : withFilter(none, "after", from, search);
            onChange(until === null ? begun : withFilter(begun, "before", until, search));
          }}
        />
      )}
    </FormChip>
  );
}

function DateForm({ onChoose }: { readonly onChoose: (from: string | null, before: string | null) => void }): ReactNode {
  const { search } = useMessages();
  const texts = search.filters;
  const [from, setFrom] = useState("");
  const [until, setUntil] = useState("");
  return (
    <>
      {Object.entries(TIMES).map(([name, value]) => (
        <Button key={name} onPress={() => onChoose(value, null)}>
          {texts[name as keyof typeof TIMES]}
        </Button>
      ))}
      <Field label={texts.after} type="date" value={from} onChange={setFrom} />
      <Field label={texts.before} type="date" value={until} onChange={setUntil} />
      <Button
        kind="primary"
        isDisabled={from === "" && until === ""}
        onPress={() => onChoose(from === "" ? null : from, until === "" ? null : dayAfter(until))}
      >
        {texts.apply}
      </Button>
    </>
  );
}
