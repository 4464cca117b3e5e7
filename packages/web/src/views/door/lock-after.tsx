import type { ReactNode } from "react";
import { useEngine, useLive } from "../../app/engine.tsx";
import { useMessages } from "../../messages/messages.tsx";
import { faultText } from "../../ui/fault.ts";
import { Select, type SelectOption } from "../../ui/select.tsx";
import { toast } from "../../ui/toasts.tsx";

/** Minutes of what is offered; 0: whenever the page was closed; null: never. */
const OFFERED: readonly (number | null)[] = [5, 15, 60, 8 * 60, 24 * 60, 72 * 60, 0, null];

/** How long the mailbox stays open on this device without use. For settings. */
export function LockAfter(): ReactNode {
  const messages = useMessages();
  const { door } = messages;
  const engine = useEngine();
  const { data } = useLive("door.lockAfter", [], ["settings"]);
  if (data === undefined) return null;
  const offered = OFFERED.includes(data) ? OFFERED : [data, ...OFFERED];
  const options: readonly SelectOption<string>[] = offered.map((minutes) => ({ value: String(minutes), label: labelOf(minutes) }));

  function labelOf(minutes: number | null): string {
    if (minutes === null) return door.lockAfter.never;
    if (minutes === 0) return door.lockAfter.closed;
    return minutes % 60 === 0 ? door.lockAfter.hours(minutes / 60) : door.lockAfter.minutes(minutes);
  }

  return (
    <Select
      label={door.lockAfter.label}
      value={String(data)}
      options={options}
      onChange={(value) => {
        engine
          .call("door.setLockAfter", [value === "null" ? null : Number(value)])
          .catch((error: unknown) => toast({ text: faultText(messages, error), tone: "error" }));
      }}
    />
  );
}
