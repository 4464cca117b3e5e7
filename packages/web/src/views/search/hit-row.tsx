import type { SearchHit } from "@smimp/client";
import type { Address } from "@smimp/protocol";
import type { ReactNode } from "react";
import { useDates } from "../../app/dates.ts";
import { useMe } from "../../app/me.ts";
import { SHORT_MESSAGE_TYPE } from "../../app/message-types.ts";
import { useNames } from "../../app/names.ts";
import { hrefOf, type Place } from "../../app/places.ts";
import { glimpseOfParts, oneLine } from "../../app/text.ts";
import { useMessages } from "../../messages/messages.tsx";
import { Avatar } from "../../ui/avatar.tsx";
import { Icon } from "../../ui/icon.tsx";
import { orderedPeople, placeOfPeople } from "../chat/people.ts";
import { PersonAvatar } from "../contacts/person-avatar.tsx";
import { ListMarks } from "../trust/list-marks.tsx";
import classes from "./hit-row.module.css";

/** Labels and people that a row names. */
const FEW = 3;

/** Where a message is read: an email beside what was found, a short message in its conversation. */
function placeOfHit({ messageType, messageId, from, recipients }: SearchHit, me: Address | null): Place {
  if (messageType !== SHORT_MESSAGE_TYPE || me === null) return { room: "search", query: "", message: messageId };
  return { room: "chat", with: placeOfPeople(orderedPeople([from, ...recipients], me)) };
}

/** A message that was found: who, when, what about, and where in it. */
export function HitRow({
  hit,
  place,
  isCurrent,
  isOpen,
  onFocus,
}: {
  readonly hit: SearchHit;
  /** The folder that it lies in; null for the inbox and what was sent. */
  readonly place: string | null;
  readonly isCurrent: boolean;
  readonly isOpen: boolean;
  readonly onFocus: () => void;
}): ReactNode {
  const { mailbox, chat } = useMessages();
  const { short, long } = useDates();
  const nameOf = useNames();
  const me = useMe();
  const outward = hit.own && hit.recipients.length > 0;
  const claimed = hit.imported === null ? null : oneLine(hit.imported.from);
  const people = outward ? hit.recipients.slice(0, FEW) : [hit.from];
  const names = claimed ?? people.map(nameOf).join(", ");
  const subject = oneLine(hit.subject);
  const isChat = hit.messageType === SHORT_MESSAGE_TYPE;
  return (
    <li>
      <a
        href={hrefOf(placeOfHit(hit, me))}
        className={`${classes["row"]} ${isOpen ? classes["open"] : ""} ${hit.read ? "" : classes["unread"]}`}
        tabIndex={isCurrent ? 0 : -1}
        onFocus={onFocus}
        {...(isOpen ? { "aria-current": "true" as const } : {})}
      >
        {claimed === null ? <PersonAvatar address={people[0] ?? hit.from} name={names} /> : <Avatar name={claimed} seed={claimed} />}
        <span className={classes["body"]}>
          <span className={classes["line"]}>
            {hit.read ? null : <span className={classes["dot"]} role="img" aria-label={mailbox.unread} />}
            <span className={classes["who"]}>
              <bdi>{outward && claimed === null ? mailbox.to(names) : names}</bdi>
            </span>
            <ListMarks of={hit} />
            <time className={classes["time"]} dateTime={hit.receivedAt} title={long(hit.receivedAt)}>
              {short(hit.receivedAt)}
            </time>
          </span>
          <span className={classes["line"]}>
            <span className={classes["subject"]}>
              {isChat ? (
                <>
                  <Icon name="chat" size={14} /> {chat.short}
                </>
              ) : (
                <bdi>{subject === "" ? mailbox.noSubject : subject}</bdi>
              )}
            </span>
            {hit.attached > 0 ? (
              <span role="img" aria-label={mailbox.attachment} className={classes["mark"]}>
                <Icon name="attach" size={16} />
              </span>
            ) : null}
            {hit.starred ? (
              <span role="img" aria-label={mailbox.starred} className={classes["star"]}>
                <Icon name="star" size={16} filled />
              </span>
            ) : null}
          </span>
          <span className={classes["snippet"]}>
            <bdi>
              {glimpseOfParts(hit.snippet).map(({ text, match }, index) =>
                match ? <mark key={index}>{text}</mark> : <span key={index}>{text}</span>,
              )}
            </bdi>
          </span>
          {place === null && hit.labels.length === 0 ? null : (
            <span className={classes["line"]}>
              {place === null ? null : (
                <span className={classes["place"]}>
                  <Icon name="folder" size={14} />
                  {place}
                </span>
              )}
              {hit.labels.slice(0, FEW).map((label) => (
                <span key={label} className={classes["label"]}>
                  {oneLine(label)}
                </span>
              ))}
            </span>
          )}
        </span>
      </a>
    </li>
  );
}
