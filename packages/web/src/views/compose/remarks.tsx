import type { Address } from "@smimp/protocol";
import type { ReactNode } from "react";
import { useDates } from "../../app/dates.ts";
import { useNames } from "../../app/names.ts";
import { useMessages, type Messages } from "../../messages/messages.tsx";
import { Icon, type IconName } from "../../ui/icon.tsx";
import type { Recipient } from "./recipients.tsx";
import classes from "./remarks.module.css";
import type { Standing } from "./use-standings.ts";

/** Recipients of a message, at the most. */
export const MAX_RECIPIENTS = 1_000;
/** From so many on somebody may not want everybody to see everybody. */
const MANY = 15;
/** Remarks that are shown at once. */
const SHOWN = 4;

interface Remark {
  readonly tone: "quiet" | "doubtful" | "wrong";
  readonly icon: IconName;
  readonly text: string;
}

/** What there is to say of the recipients, as it becomes known. */
export function Remarks({
  open,
  hidden,
  standings,
}: {
  /** Those whose addresses everybody sees. */
  readonly open: readonly Recipient[];
  readonly hidden: readonly Recipient[];
  readonly standings: ReadonlyMap<Address, Standing>;
}): ReactNode {
  const { recipients } = useMessages().compose;
  const nameOf = useNames();
  const { number } = useDates();
  const all = [...open, ...hidden];
  const remarks = [
    ...(all.length > MAX_RECIPIENTS ? [wrong(recipients.tooMany(number(all.length), number(MAX_RECIPIENTS)))] : []),
    ...all.flatMap(({ text, address }) => {
      const said = address === null ? wrong(recipients.invalid(text)) : sayOf(recipients, nameOf(address), standings.get(address));
      return said === null ? [] : [said];
    }),
    ...firstContacts(recipients, all, standings, nameOf),
    ...(open.length >= MANY ? [quiet("people", recipients.everybodySees(number(open.length)))] : []),
  ];
  return (
    <div role="status">
      <ul className={classes["remarks"]}>
        {remarks.slice(0, SHOWN).map(({ tone, icon, text }) => (
          <li key={text} className={classes[tone]}>
            <Icon name={icon} size={16} />
            <span>{text}</span>
          </li>
        ))}
      </ul>
    </div>
  );
}

function sayOf(texts: Messages["compose"]["recipients"], who: string, standing: Standing | undefined): Remark | null {
  switch (standing) {
    case "unknown":
      return wrong(texts.unknown(who));
    case "disputed":
      return wrong(texts.disputed(who));
    case "unreachable":
      return { tone: "doubtful", icon: "clock", text: texts.unreachable(who) };
    case "problem":
      return { tone: "doubtful", icon: "error", text: texts.problem(who) };
    default:
      return null;
  }
}

function firstContacts(
  texts: Messages["compose"]["recipients"],
  all: readonly Recipient[],
  standings: ReadonlyMap<Address, Standing>,
  nameOf: (address: Address) => string,
): readonly Remark[] {
  const met = all.flatMap(({ address }) => (address !== null && standings.get(address) === "new" ? [address] : []));
  const [first] = met;
  if (first === undefined) return [];
  return [quiet("person", met.length === 1 ? texts.isNew(nameOf(first)) : texts.areNew(met.length))];
}

function wrong(text: string): Remark {
  return { tone: "wrong", icon: "error", text };
}

function quiet(icon: IconName, text: string): Remark {
  return { tone: "quiet", icon, text };
}
