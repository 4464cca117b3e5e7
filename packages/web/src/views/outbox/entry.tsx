import type { OutboxEntry } from "@smimp/client";
import type { Address } from "@smimp/protocol";
import { useState, type ReactNode } from "react";
import { useDates } from "../../app/dates.ts";
import { useEngine } from "../../app/engine.tsx";
import { EMAIL_TYPE, SHORT_MESSAGE_TYPE } from "../../app/message-types.ts";
import { useNames } from "../../app/names.ts";
import type { SendingStep } from "../../app/sending.ts";
import { oneLine } from "../../app/text.ts";
import { useMessages } from "../../messages/messages.tsx";
import { Button } from "../../ui/button.tsx";
import { faultText } from "../../ui/fault.ts";
import { Icon } from "../../ui/icon.tsx";
import { toast } from "../../ui/toasts.tsx";
import { Copy } from "./copy.tsx";
import classes from "./outbox.module.css";
import { recall } from "./recall.ts";
import { removeLater } from "./removing.ts";
import { entryStanding, unsentOf, type Standing } from "./standing.ts";

/** Recipients that are shown at first, and how many more each time that somebody asks for more. */
const SHOWN = 3;
const MORE = 50;

const ICONS = { waiting: "clock", sending: "send", sent: "check", failed: "error" } as const satisfies Record<Standing, string>;

/** One message in the outbox: how it stands with each recipient, and what can be done. */
export function Entry({ entry, sending }: { readonly entry: OutboxEntry; readonly sending: ReadonlyMap<Address, SendingStep> }): ReactNode {
  const messages = useMessages();
  const { outbox } = messages;
  const engine = useEngine();
  const nameOf = useNames();
  const { short } = useDates();
  const [shown, setShown] = useState(SHOWN);
  const { id, copies, subject, messageType, queuedAt } = entry;
  const standing = entryStanding(entry, sending);
  const others = copies.filter(({ own }) => !own);
  const unsent = unsentOf(copies, sending);
  const sent = others.filter(({ state }) => state === "sent").length;
  const isShort = messageType === SHORT_MESSAGE_TYPE;
  const title = isShort ? outbox.shortMessage : oneLine(subject) || outbox.noSubject;
  const canRetry = standing === "failed" || (standing === "waiting" && copies.some(({ reason }) => reason !== null));
  const done = (work: Promise<unknown>): void =>
    void work.catch((error: unknown) => toast({ text: faultText(messages, error), tone: "error" }));

  return (
    <li className={classes["entry"]}>
      <div className={classes["head"]}>
        <span className={`${classes["icon"]} ${classes[standing]}`}>
          <Icon name={ICONS[standing]} />
        </span>
        <div className={classes["words"]}>
          <h2 className={classes["subject"]}>
            <bdi>{title}</bdi>
          </h2>
          <p className={classes["to"]}>
            {outbox.to(
              others
                .slice(0, SHOWN)
                .map(({ to }) => nameOf(to))
                .join(", "),
            )}
            {others.length > SHOWN ? ` ${outbox.more(others.length - SHOWN)}` : ""}
          </p>
        </div>
        <p className={classes["standing"]}>
          <span className={classes[standing]}>{outbox.states[standing]}</span>
          <time dateTime={queuedAt}>{short(queuedAt)}</time>
        </p>
      </div>
      {sent > 0 ? <p className={classes["some"]}>{outbox.someSent(sent, others.length)}</p> : null}
      <ul className={classes["copies"]} aria-label={outbox.details}>
        {unsent.slice(0, shown).map((copy) => (
          <Copy key={`${copy.to} ${copy.own}`} copy={copy} step={sending.get(copy.to)} />
        ))}
      </ul>
      {unsent.length > shown ? (
        <Button kind="quiet" onPress={() => setShown(shown + MORE)}>
          {outbox.showMore(Math.min(MORE, unsent.length - shown))}
        </Button>
      ) : null}
      <div className={classes["buttons"]}>
        {canRetry ? <Button onPress={() => done(engine.call("outbox.retry", [id]))}>{outbox.retry}</Button> : null}
        {isShort || messageType === EMAIL_TYPE ? (
          <Button onPress={() => done(recall(engine, outbox, id))}>{standing === "sending" ? outbox.cancel : outbox.edit}</Button>
        ) : null}
        <Button kind="quiet" icon="trash" onPress={() => done(removeLater(engine, outbox, entry))}>
          {outbox.remove}
        </Button>
      </div>
    </li>
  );
}
