import type { Dates } from "../../app/dates.ts";
import type { SendingStep } from "../../app/sending.ts";
import type { Messages } from "../../messages/messages.tsx";

/** As far as work that depends on luck is ever shown to be, before it is done. */
const NEARLY = 0.97;

/** How far a piece of work is, for the eye and in words. */
export function workShown(
  { outbox }: Messages,
  { percent }: Pick<Dates, "percent">,
  { done, total }: SendingStep,
): { readonly value: number; readonly text: string } {
  const part = total === 0 ? 0 : done / total;
  if (part >= 1) return { value: NEARLY, text: outbox.work.longer };
  return { value: Math.min(NEARLY, part), text: outbox.work.progress(percent(part)) };
}
