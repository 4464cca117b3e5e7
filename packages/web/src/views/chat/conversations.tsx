import type { OutboxEntry, ThreadSummary } from "@smimp/client";
import type { Address } from "@smimp/protocol";
import { useState, type ReactNode } from "react";
import { useDates } from "../../app/dates.ts";
import { useLive } from "../../app/engine.tsx";
import { SHORT_MESSAGE_TYPE } from "../../app/message-types.ts";
import { useNames } from "../../app/names.ts";
import { hrefOf } from "../../app/places.ts";
import { oneLine } from "../../app/text.ts";
import { useMessages } from "../../messages/messages.tsx";
import { Button } from "../../ui/button.tsx";
import { Empty } from "../../ui/empty.tsx";
import { PeopleAvatar } from "../contacts/person-avatar.tsx";
import classes from "./conversations.module.css";
import { orderedPeople, placeOfPeople } from "./people.ts";

/** Conversations that are listed at first, and so many more each time. */
const PAGE = 100;

interface Line {
  readonly people: readonly Address[];
  readonly at: string;
  readonly text: string;
  readonly own: boolean;
  readonly unread: number;
}

/** Everybody whom one talks with, the last one first. */
export function Conversations({
  me,
  chosen,
  onBegin,
}: {
  readonly me: Address;
  readonly chosen: readonly Address[] | null;
  readonly onBegin: () => void;
}): ReactNode {
  const { chat } = useMessages();
  const [limit, setLimit] = useState(PAGE);
  const { data } = useLive("inbox.threads", [{ kind: "chats", limit }], ["messages", "contacts"]);
  const [latest, setLatest] = useState(data);
  // What is there stays in sight while more is fetched.
  if (data !== undefined && data !== latest) setLatest(data);
  const threads = data ?? latest;
  const { data: waiting = [] } = useLive("outbox.list", [], ["outbox"]);
  if (threads === undefined) return null;
  const lines = linesOf(threads, waiting, me, chat);
  if (lines.length === 0) {
    return (
      <Empty icon="chat" title={chat.empty.title} text={chat.empty.text}>
        <Button kind="primary" icon="plus" onPress={onBegin}>
          {chat.newChat}
        </Button>
      </Empty>
    );
  }
  return (
    <div className={classes["list"]}>
      <ul className={classes["lines"]}>
        {lines.map((line) => (
          <Row key={placeOfPeople(line.people)} line={line} isOpen={placeOfPeople(line.people) === placeOfPeople(chosen ?? [])} />
        ))}
      </ul>
      {threads.length < limit ? null : (
        <div className={classes["more"]}>
          <Button kind="quiet" onPress={() => setLimit(limit + PAGE)}>
            {chat.older}
          </Button>
        </div>
      )}
    </div>
  );
}

function Row({ line: { people, at, text, own, unread }, isOpen }: { readonly line: Line; readonly isOpen: boolean }): ReactNode {
  const { chat } = useMessages();
  const { short } = useDates();
  const nameOf = useNames();
  const names = people.map(nameOf).join(", ");
  return (
    <li className={`${classes["row"]} ${isOpen ? classes["open"] : ""} ${unread > 0 ? classes["unread"] : ""}`}>
      <a
        className={classes["link"]}
        href={hrefOf({ room: "chat", with: placeOfPeople(people) })}
        {...(isOpen ? { "aria-current": "true" as const } : {})}
      >
        <PeopleAvatar people={people} names={names} size={40} />
        <span className={classes["words"]}>
          <span className={classes["top"]}>
            <bdi className={classes["who"]} title={people.join(", ")}>
              {names}
            </bdi>
            <time className={classes["time"]} dateTime={at}>
              {short(at)}
            </time>
          </span>
          <span className={classes["top"]}>
            <bdi className={classes["text"]}>{own ? chat.you(text) : text}</bdi>
            {unread === 0 ? null : (
              <>
                <span className={classes["count"]} aria-hidden="true">
                  {unread}
                </span>
                <span className="visually-hidden">, {chat.unread(unread)}</span>
              </>
            )}
          </span>
        </span>
      </a>
    </li>
  );
}

function linesOf(
  threads: readonly ThreadSummary[],
  waiting: readonly OutboxEntry[],
  me: Address,
  texts: { readonly attachment: string; readonly states: { readonly waiting: string } },
): readonly Line[] {
  const lines = new Map<string, Line>();
  for (const { latest, participants, unread } of threads) {
    const people = orderedPeople(participants, me);
    const text = oneLine(latest.preview) || (latest.attached > 0 ? texts.attachment : "");
    lines.set(placeOfPeople(people), { people, at: latest.receivedAt, text, own: latest.own, unread });
  }
  // What was begun without a network stands in no list of messages yet.
  for (const { messageType, copies, queuedAt } of waiting) {
    if (messageType !== SHORT_MESSAGE_TYPE || copies.every(({ state }) => state === "sent")) continue;
    const people = orderedPeople(
      copies.filter(({ own }) => !own).map(({ to }) => to),
      me,
    );
    const key = placeOfPeople(people);
    const known = lines.get(key);
    if (known === undefined || known.at < queuedAt) {
      lines.set(key, { people, at: queuedAt, text: texts.states.waiting, own: false, unread: known?.unread ?? 0 });
    }
  }
  return [...lines.values()].toSorted((a, b) => (a.at > b.at ? -1 : 1));
}
