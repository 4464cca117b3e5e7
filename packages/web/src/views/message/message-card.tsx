import type { InboxMessage, InboxSummary } from "@smimp/client";
import { useState, type ReactNode } from "react";
import { openComposer } from "../../app/composing.ts";
import { useDates } from "../../app/dates.ts";
import { useLive } from "../../app/engine.tsx";
import { useNames } from "../../app/names.ts";
import { glimpse, oneLine } from "../../app/text.ts";
import { useMessages } from "../../messages/messages.tsx";
import { Avatar } from "../../ui/avatar.tsx";
import { Banner } from "../../ui/banner.tsx";
import { IconButton } from "../../ui/button.tsx";
import { Icon } from "../../ui/icon.tsx";
import { Pressable } from "../../ui/press.tsx";
import { PersonAvatar } from "../contacts/person-avatar.tsx";
import { MessageMarks } from "../trust/marks.tsx";
import { Attachments } from "./attachments.tsx";
import classes from "./message-card.module.css";
import { MessageBody } from "./message-body.tsx";
import { People } from "./people.tsx";

/** One message of a thread: a line of it, or all of it. */
export function MessageCard({
  summary,
  isOpen,
  onToggle,
}: {
  readonly summary: InboxSummary;
  readonly isOpen: boolean;
  /** Null where it always stands open. */
  readonly onToggle: (() => void) | null;
}): ReactNode {
  const { reading, mailbox } = useMessages();
  const { short, long } = useDates();
  const nameOf = useNames();
  const [details, setDetails] = useState(false);
  const { data: message, error } = useLive("inbox.read", isOpen && summary.state === "open" ? [summary.messageId] : null, ["messages"]);
  const claimed = summary.imported === null ? null : oneLine(summary.imported.from);
  const name = claimed ?? nameOf(summary.from);
  const who = claimed === null && summary.own ? reading.own : name;
  // As the list says it; what the sender's clock said stands among the details.
  const at = summary.receivedAt;

  const sender = (
    <>
      {claimed === null ? (
        <PersonAvatar address={summary.from} name={name} size={isOpen ? 40 : 32} />
      ) : (
        <Avatar name={who} seed={claimed} size={isOpen ? 40 : 32} />
      )}
      <span className={classes["sender"]}>
        <span className={classes["names"]}>
          <span className={classes["name"]}>
            <bdi>{who}</bdi>
          </span>
          {isOpen && claimed === null && who !== summary.from ? <span className={classes["address"]}>{summary.from}</span> : null}
        </span>
        {isOpen ? null : (
          <span className={classes["glimpse"]}>
            <bdi>{summary.state === "open" ? glimpse(summary.preview) : mailbox.states[summary.state]}</bdi>
          </span>
        )}
      </span>
    </>
  );
  const time = (
    <time className={classes["time"]} dateTime={at} title={long(at)}>
      {short(at)}
    </time>
  );

  if (!isOpen && onToggle !== null) {
    return (
      <Pressable className={classes["closed"] ?? ""} aria-expanded={false} onPress={onToggle}>
        {sender}
        {summary.attached > 0 ? <Icon name="attach" size={16} /> : null}
        {summary.starred ? (
          <span className={classes["starred"]}>
            <Icon name="star" size={16} filled />
          </span>
        ) : null}
        {time}
      </Pressable>
    );
  }
  return (
    <div className={`${classes["card"]} ${summary.read ? "" : classes["unread"]}`}>
      <header className={classes["header"]}>
        {onToggle === null ? (
          <div className={classes["from"]}>{sender}</div>
        ) : (
          <Pressable className={classes["from"] ?? ""} aria-expanded onPress={onToggle}>
            {sender}
          </Pressable>
        )}
        {time}
        {summary.state === "open" ? (
          <IconButton icon="reply" label={reading.reply} onPress={() => openComposer({ kind: "reply", messageId: summary.messageId })} />
        ) : null}
      </header>
      <div className={classes["under"]}>
        {summary.state === "open" ? (
          <People summary={summary} message={message ?? null} details={details} onDetails={() => setDetails(!details)} />
        ) : null}
        <MessageMarks message={summary} where="header" />
        <Content summary={summary} message={message ?? null} failed={error !== null} />
      </div>
    </div>
  );
}

function Content({
  summary,
  message,
  failed,
}: {
  readonly summary: InboxSummary;
  readonly message: InboxMessage | null;
  readonly failed: boolean;
}): ReactNode {
  const { reading, common } = useMessages();
  if (summary.state !== "open") {
    const { title, text } = reading.states[summary.state];
    const told = typeof text === "string" ? text : text(summary.from);
    return (
      <Banner
        tone={summary.state === "invalid" ? "danger" : "info"}
        icon={summary.state === "unconfirmed" ? "clock" : "lock"}
        title={title}
      >
        <p>{told}</p>
      </Banner>
    );
  }
  if (message !== null) {
    return (
      <>
        {message.autoReply ? <p className={classes["note"]}>{reading.autoReply}</p> : null}
        <MessageBody message={message} />
        <Attachments message={message} />
      </>
    );
  }
  if (failed) {
    return (
      <Banner tone="info" icon="offline" title={reading.notHere.title}>
        <p>{reading.notHere.text}</p>
      </Banner>
    );
  }
  return (
    <p className={classes["note"]} role="status">
      {common.loading}
    </p>
  );
}
