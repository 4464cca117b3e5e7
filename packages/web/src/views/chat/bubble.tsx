import type { ReactNode } from "react";
import { useDates } from "../../app/dates.ts";
import { useEngine } from "../../app/engine.tsx";
import { useNames } from "../../app/names.ts";
import { oneLine, severalLines } from "../../app/text.ts";
import { useMessages } from "../../messages/messages.tsx";
import { Button } from "../../ui/button.tsx";
import { faultText } from "../../ui/fault.ts";
import { Icon } from "../../ui/icon.tsx";
import { toast } from "../../ui/toasts.tsx";
import { Attachments } from "../message/attachments.tsx";
import { recall } from "../outbox/recall.ts";
import { reasonText } from "../outbox/standing.ts";
import { MessageMarks } from "../trust/marks.tsx";
import classes from "./bubble.module.css";
import type { Said } from "./said.ts";
import { Words } from "./words.tsx";

const ICONS = { waiting: "clock", sending: "send", sent: "check", failed: "error" } as const;

/** One thing that was said. */
export function Bubble({
  said,
  follows,
  showsName,
}: {
  readonly said: Said;
  /** The same person said the one before. */
  readonly follows: boolean;
  /** There are several people who may have said it. */
  readonly showsName: boolean;
}): ReactNode {
  const { chat, common } = useMessages();
  const nameOf = useNames();
  const { time, long } = useDates();
  const { own, from, at, text, state, messageId, attachments, sendingFiles, standing, marks, imported } = said;
  const who = own || from === null ? common.you : nameOf(from);
  return (
    <div className={`${classes["place"]} ${own ? classes["own"] : ""} ${follows ? classes["follows"] : ""}`}>
      <div className={`${classes["bubble"]} ${standing === "failed" ? classes["notSent"] : ""}`}>
        <p className={showsName && !own && !follows ? classes["name"] : "visually-hidden"}>
          <bdi>{who}</bdi>
        </p>
        {marks === null || from === null ? null : <MessageMarks message={{ marks, from, imported, state, own }} where="bubble" />}
        {state === "open" ? (
          text === "" ? null : (
            <p className={classes["text"]}>
              <Words text={severalLines(text)} />
            </p>
          )
        ) : (
          <p className={classes["closed"]}>{chat.notShown[state]}</p>
        )}
        {messageId === null || attachments.length === 0 ? null : <Attachments message={{ messageId, attachments }} />}
        {sendingFiles.map((name) => (
          <p key={name} className={classes["file"]}>
            <Icon name="file" size={16} /> {oneLine(name)}
          </p>
        ))}
        <p className={classes["foot"]}>
          <time dateTime={at} title={long(at)}>
            {time(at)}
          </time>
          {standing === null ? null : (
            <span role="img" aria-label={chat.states[standing]} title={chat.states[standing]} className={classes["tick"]}>
              <Icon name={ICONS[standing]} size={14} />
            </span>
          )}
        </p>
      </div>
      {standing === "failed" && said.entryId !== null ? <Failed entryId={said.entryId} why={said.why} /> : null}
      {standing === "waiting" && said.why.length > 0 ? <Why why={said.why} /> : null}
    </div>
  );
}

/** Why something isn't sent. */
function Why({ why }: Pick<Said, "why">): ReactNode {
  const messages = useMessages();
  return <span className={classes["why"]}>{why.map((each) => reasonText(messages, each)).join(" ")}</span>;
}

function Failed({ entryId, why }: { readonly entryId: string } & Pick<Said, "why">): ReactNode {
  const messages = useMessages();
  const { chat } = messages;
  const engine = useEngine();
  const done = (work: Promise<unknown>): void =>
    void work.catch((error: unknown) => toast({ text: faultText(messages, error), tone: "error" }));
  return (
    <p className={classes["failed"]}>
      <span>{chat.states.failed}</span>
      <Why why={why} />
      <Button kind="quiet" onPress={() => done(engine.call("outbox.retry", [entryId]))}>
        {chat.retry}
      </Button>
      <Button kind="quiet" onPress={() => done(recall(engine, messages.outbox, entryId))}>
        {chat.takeBack}
      </Button>
    </p>
  );
}
