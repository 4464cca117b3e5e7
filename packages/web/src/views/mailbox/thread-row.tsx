import type { ThreadSummary } from "@smimp/client";
import { memo, type ReactNode } from "react";
import { useDates } from "../../app/dates.ts";
import { useNames } from "../../app/names.ts";
import { glimpse, oneLine } from "../../app/text.ts";
import { useMessages } from "../../messages/messages.tsx";
import { Avatar } from "../../ui/avatar.tsx";
import { Icon } from "../../ui/icon.tsx";
import { PeopleAvatar } from "../contacts/person-avatar.tsx";
import { ListMarks } from "../trust/list-marks.tsx";
import classes from "./thread-row.module.css";

/** Labels that a row names. */
const LABELS = 3;
/** People that a row names. */
const PEOPLE = 3;

/** What somebody does with a row. */
export interface RowEvents {
  readonly onSelect: (position: number, range: boolean) => void;
  readonly onStar: (position: number) => void;
}

/** One conversation of a list. */
export const ThreadRow = memo(function ThreadRow({
  thread,
  position,
  index,
  top,
  height,
  isSelected,
  isOpen,
  isFocused,
  isSent,
  onSelect,
  onStar,
}: {
  readonly thread: ThreadSummary;
  readonly position: number;
  readonly index: number;
  readonly top: number;
  readonly height: number;
  readonly isSelected: boolean;
  readonly isOpen: boolean;
  readonly isFocused: boolean;
  /** People are told by whom it went to. */
  readonly isSent: boolean;
} & RowEvents): ReactNode {
  const { mailbox } = useMessages();
  const { short, long } = useDates();
  const nameOf = useNames();
  const { latest, unread, messages } = thread;
  const outward = isSent || (latest.own && latest.recipients.length > 0);
  const people = outward ? latest.recipients.slice(0, PEOPLE) : [latest.from];
  const claimed = latest.imported === null ? null : oneLine(latest.imported.from);
  const names = claimed ?? people.map(nameOf).join(", ");
  const who = outward && claimed === null ? mailbox.to(names) : names;
  const subject = oneLine(latest.subject === "" ? thread.subject : latest.subject);
  const title = latest.state === "open" ? (subject === "" ? mailbox.noSubject : subject) : mailbox.states[latest.state];
  const labels = latest.labels.slice(0, LABELS).map((label) => oneLine(label));

  return (
    <div
      role="row"
      aria-rowindex={index + 1}
      aria-selected={isSelected}
      {...(isOpen ? { "aria-current": "true" as const } : {})}
      data-index={index}
      tabIndex={isFocused ? 0 : -1}
      draggable
      className={`${classes["row"]} ${isSelected ? classes["selected"] : ""} ${isOpen ? classes["open"] : ""} ${unread > 0 ? classes["unread"] : ""}`}
      style={{ transform: `translateY(${top}px)`, height }}
    >
      <span role="gridcell" className={classes["lead"]}>
        {claimed === null ? <PeopleAvatar people={people} names={names} /> : <Avatar name={claimed} seed={claimed} />}
        <input
          type="checkbox"
          tabIndex={-1}
          className={classes["check"]}
          checked={isSelected}
          aria-label={mailbox.select(`${names}: ${title}`)}
          onChange={() => undefined}
          onClick={(event) => {
            event.stopPropagation();
            onSelect(position, event.shiftKey);
          }}
        />
      </span>
      <span role="gridcell" className={classes["body"]}>
        <span className={classes["line"]}>
          {unread > 0 ? <span className={classes["dot"]} role="img" aria-label={mailbox.unread} /> : null}
          <span className={classes["who"]} title={people.join(", ")}>
            <bdi>{who}</bdi>
          </span>
          {messages > 1 ? (
            <span className={classes["many"]} aria-label={mailbox.messagesIn(messages)}>
              {messages}
            </span>
          ) : null}
          <ListMarks of={thread} />
          <time className={classes["time"]} dateTime={latest.receivedAt} title={long(latest.receivedAt)}>
            {short(latest.receivedAt)}
          </time>
        </span>
        <span className={classes["line"]}>
          <span className={`${classes["subject"]} ${latest.state === "open" ? "" : classes["closed"]}`}>
            <bdi>{title}</bdi>
          </span>
          {latest.attached > 0 ? (
            <span role="img" aria-label={mailbox.attachment} className={classes["mark"]}>
              <Icon name="attach" size={16} />
            </span>
          ) : null}
        </span>
        <span className={classes["line"]}>
          {labels.map((label) => (
            <span key={label} className={classes["label"]}>
              {label}
            </span>
          ))}
          <span className={classes["preview"]}>
            <bdi>{latest.state === "open" ? glimpse(latest.preview) : ""}</bdi>
          </span>
        </span>
      </span>
      <span role="gridcell" className={classes["end"]}>
        <button
          type="button"
          tabIndex={-1}
          className={`${classes["star"]} ${latest.starred ? classes["starred"] : ""}`}
          aria-label={latest.starred ? mailbox.actions.unstar : mailbox.actions.star}
          aria-pressed={latest.starred}
          onClick={(event) => {
            event.stopPropagation();
            onStar(position);
          }}
        >
          <Icon name="star" size={18} filled={latest.starred} />
        </button>
      </span>
    </div>
  );
});

/** What stands where a conversation will, until it is here. */
export function RowToCome({ index, top, height }: { readonly index: number; readonly top: number; readonly height: number }): ReactNode {
  const { common } = useMessages();
  return (
    <div
      role="row"
      aria-rowindex={index + 1}
      aria-busy="true"
      className={`${classes["row"]} ${classes["coming"]}`}
      style={{ transform: `translateY(${top}px)`, height }}
    >
      <span role="gridcell" aria-label={common.loading} className={classes["lead"]}>
        <span className={classes["blank"]} />
      </span>
      <span role="presentation" className={classes["body"]}>
        <span className={classes["bar"]} />
        <span className={classes["bar"]} />
      </span>
    </div>
  );
}
