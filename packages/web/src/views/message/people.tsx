import type { InboxMessage, InboxSummary } from "@smimp/client";
import type { Address } from "@smimp/protocol";
import type { ReactNode } from "react";
import { useDates } from "../../app/dates.ts";
import { useEngineState } from "../../app/engine.tsx";
import { useNames } from "../../app/names.ts";
import { oneLine } from "../../app/text.ts";
import { useMessages } from "../../messages/messages.tsx";
import { Icon } from "../../ui/icon.tsx";
import { Pressable } from "../../ui/press.tsx";
import classes from "./message-card.module.css";

/** People that are named in full. */
const NAMED = 100;

/** To whom a message went; in detail with everybody's address and when. */
export function People({
  summary,
  message,
  details,
  onDetails,
}: {
  readonly summary: InboxSummary;
  readonly message: InboxMessage | null;
  readonly details: boolean;
  readonly onDetails: () => void;
}): ReactNode {
  const { reading } = useMessages();
  const { long } = useDates();
  const nameOf = useNames();
  const { mailbox } = useEngineState();
  const me = mailbox !== null && "address" in mailbox ? mailbox.address : null;
  const called = (address: Address): string => (address === me ? reading.me : nameOf(address));
  const recipients = message === null ? summary.recipients : [...message.to, ...message.cc];
  const [first, ...others] = recipients;
  const named = (people: readonly Address[]): ReactNode =>
    people
      .slice(0, NAMED)
      .map((address) => (
        <li key={address}>
          {address === me ? `${reading.me} · ${address}` : nameOf(address) === address ? address : `${nameOf(address)} · ${address}`}
        </li>
      ));
  const imported = message?.imported ?? summary.imported;
  return (
    <div className={classes["people"]}>
      <Pressable className={classes["details"] ?? ""} aria-expanded={details} onPress={onDetails}>
        {first === undefined ? reading.details : `${reading.to}: ${reading.people(called(first), others.length)}`}
        <Icon name="chevron" size={14} />
      </Pressable>
      {details ? (
        <dl className={classes["facts"]}>
          <dt>{reading.from}</dt>
          <dd>{summary.from}</dd>
          {imported === null ? null : (
            <>
              <dt>{reading.importedFrom}</dt>
              <dd>
                <bdi>{oneLine(imported.from)}</bdi>
              </dd>
            </>
          )}
          <dt>{reading.to}</dt>
          <dd>
            <ul>
              {imported === null
                ? named(message?.to ?? summary.recipients)
                : imported.to.slice(0, NAMED).map((each) => <li key={each}>{oneLine(each)}</li>)}
            </ul>
          </dd>
          {message === null || message.cc.length === 0 ? null : (
            <>
              <dt>{reading.cc}</dt>
              <dd>
                <ul>{named(message.cc)}</ul>
              </dd>
            </>
          )}
          {message === null || message.dateSent === null ? null : (
            <>
              <dt>{reading.sentAt}</dt>
              <dd>{long(message.dateSent)}</dd>
            </>
          )}
          <dt>{reading.receivedAt}</dt>
          <dd>{long(summary.receivedAt)}</dd>
        </dl>
      ) : null}
    </div>
  );
}
