import type { Address } from "@smimp/protocol";
import type { ReactNode } from "react";
import { useDates } from "../../app/dates.ts";
import { useNames } from "../../app/names.ts";
import { useMessages, type Messages } from "../../messages/messages.tsx";
import { Button } from "../../ui/button.tsx";
import { Icon, type IconName } from "../../ui/icon.tsx";
import { useConnected } from "../outbox/connected.ts";
import type { Recipient } from "./recipients.tsx";
import classes from "./remarks.module.css";
import type { Standing } from "./use-standings.ts";

/** Recipients of a message, at the most. */
export const MAX_RECIPIENTS = 1_000;
/** From so many on somebody may not want everybody to see everybody. */
const MANY = 15;
/** Remarks that are shown at once, and people of whom the same is said one by one. */
const SHOWN = 4;
const NAMED = 2;

interface Remark {
  readonly tone: "quiet" | "doubtful" | "wrong";
  readonly icon: IconName;
  readonly text: string;
  /** What somebody may have meant, and what was typed instead. */
  readonly meant?: { readonly address: Address; readonly typed: string };
}

/** What there is to say of the recipients, as it becomes known. */
export function Remarks({
  open,
  hidden,
  standings,
  onMeant,
}: {
  /** Those whose addresses everybody sees. */
  readonly open: readonly Recipient[];
  readonly hidden: readonly Recipient[];
  readonly standings: ReadonlyMap<Address, Standing>;
  /** An address was meant where something else was typed. */
  readonly onMeant: (typed: string, meant: Address) => void;
}): ReactNode {
  const { recipients } = useMessages().compose;
  const nameOf = useNames();
  const { number } = useDates();
  const connected = useConnected();
  const all = [...open, ...hidden];
  const remarks = [
    ...(all.length > MAX_RECIPIENTS ? [wrong(recipients.tooMany(number(all.length), number(MAX_RECIPIENTS)))] : []),
    ...all.flatMap((each) => (each.address === null ? [noAddress(recipients, each, standings, connected)] : [])),
    ...sayOf(connected ? { ...recipients, unreachable: unreachableTo(recipients, all) } : recipients, all, standings, nameOf),
    ...firstContacts(recipients, all, standings, nameOf),
    ...(open.length >= MANY ? [quiet("people", recipients.everybodySees(number(open.length)))] : []),
  ];
  return (
    <div role="status">
      <ul className={classes["remarks"]}>
        {remarks.slice(0, SHOWN).map(({ tone, icon, text, meant }) => (
          <li key={text} className={classes[tone]}>
            <Icon name={icon} size={16} />
            <span className={classes["said"]}>
              {text}
              {meant === undefined ? null : (
                <Button onPress={() => onMeant(meant.typed, meant.address)}>{recipients.take(meant.address)}</Button>
              )}
            </span>
          </li>
        ))}
      </ul>
    </div>
  );
}

/** What is said of a text that is no address: people are used to an @, and to writing to who has only email. */
function noAddress(
  texts: Messages["compose"]["recipients"],
  { text, meant }: Recipient,
  standings: ReadonlyMap<Address, Standing>,
  connected: boolean,
): Remark {
  if (meant === undefined) return wrong(texts.invalid(text));
  const standing = standings.get(meant) ?? "looking";
  if (standing === "looking") return wrong(texts.otherSign(text));
  // Without a network nobody is found, which says nothing of them.
  const isNobody = standing === "unknown" || standing === "problem" || (standing === "unreachable" && connected);
  return isNobody ? wrong(texts.email(text)) : { ...wrong(texts.meant(text, meant)), meant: { address: meant, typed: text } };
}

/** What is said of servers that can't be reached: of people without a name nobody knows whether they are there at all. */
function unreachableTo(texts: Messages["compose"]["recipients"], all: readonly Recipient[]): (who: string) => string {
  return (who) => (all.some(({ address }) => address === who) ? texts.unfound(who) : texts.unreachable(who));
}

/** What is said of one, and of many in one line. */
const SAYINGS = [
  { standing: "disputed", tone: "wrong", icon: "error", one: "disputed", many: null },
  { standing: "unknown", tone: "wrong", icon: "error", one: "unknown", many: "unknownMany" },
  { standing: "unreachable", tone: "doubtful", icon: "clock", one: "unreachable", many: "unreachableMany" },
  { standing: "problem", tone: "doubtful", icon: "error", one: "problem", many: "problemMany" },
] as const;

function sayOf(
  texts: Messages["compose"]["recipients"],
  all: readonly Recipient[],
  standings: ReadonlyMap<Address, Standing>,
  nameOf: (address: Address) => string,
): readonly Remark[] {
  return SAYINGS.flatMap(({ standing, tone, icon, one, many }) => {
    const people = all.flatMap(({ address }) => (address !== null && standings.get(address) === standing ? [nameOf(address)] : []));
    if (many !== null && people.length > NAMED) {
      return [{ tone, icon, text: texts[many](people.length, people.slice(0, NAMED).join(", ")) }];
    }
    return people.map((who) => ({ tone, icon, text: texts[one](who) }));
  });
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
