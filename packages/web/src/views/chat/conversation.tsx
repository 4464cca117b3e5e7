import type { Address, Hex32 } from "@smimp/protocol";
import { useEffect, useLayoutEffect, useRef, useState, type ReactNode } from "react";
import { useEngine, useLive } from "../../app/engine.tsx";
import { useNames } from "../../app/names.ts";
import { hrefOf } from "../../app/places.ts";
import { useSending } from "../../app/sending.ts";
import { useMessages } from "../../messages/messages.tsx";
import { Button, IconButton } from "../../ui/button.tsx";
import { PeopleAvatar } from "../contacts/person-avatar.tsx";
import { PeopleNotices } from "../trust/people-notices.tsx";
import { Bubble } from "./bubble.tsx";
import { saidOf, useDays, type Said } from "./said.ts";
import classes from "./conversation.module.css";
import { useSeen } from "./use-seen.ts";
import { Write } from "./write.tsx";

/** Messages that are shown at first, and so many more each time that somebody wants earlier ones. */
const PAGE = 60;
/** Pixels from the end that still count as being there. */
const NEAR = 120;

/** The conversation with some people: what was said, day by day, and a field to say more. */
export function Conversation({
  people,
  onBack,
}: {
  readonly people: readonly Address[];
  /** Leads back to all conversations, where they are not in sight. */
  readonly onBack: (() => void) | null;
}): ReactNode {
  const { chat } = useMessages();
  const nameOf = useNames();
  const engine = useEngine();
  const [limit, setLimit] = useState(PAGE);
  const { data: messages } = useLive("chat.messages", [people, limit], ["messages"]);
  const [latest, setLatest] = useState(messages);
  const { data: pending = [] } = useLive("chat.pending", [people], ["outbox"]);
  const sending = useSending();
  const days = useDays();
  // What is there stays in sight while more is fetched.
  if (messages !== undefined && messages !== latest) setLatest(messages);
  const shown = messages ?? latest;
  const said = saidOf(shown ?? [], pending, sending);
  const firstUnread = unansweredOf(said, useSeen(engine, shown));
  const names = people.map(nameOf).join(", ");
  const scroller = useStayAtEnd(said);
  const isGroup = people.length > 1;
  const only = isGroup ? null : (people[0] ?? null);
  // Beside the list of conversations it is one of them, and all that there is without it.
  const Title = onBack === null ? "h2" : "h1";

  return (
    <section className={classes["conversation"]} aria-label={chat.with(names)}>
      <header className={classes["header"]}>
        {onBack === null ? null : <IconButton icon="back" label={chat.back} onPress={onBack} />}
        <PeopleAvatar people={people} names={names} />
        <div className={classes["titles"]}>
          <Title className={classes["title"]}>
            {only === null ? (
              <bdi>{names}</bdi>
            ) : (
              <a className={classes["person"]} href={hrefOf({ room: "contacts", path: [only] })} title={chat.about(names)}>
                <bdi>{names}</bdi>
              </a>
            )}
          </Title>
          {people.join(", ") === names ? null : <p className={classes["addresses"]}>{people.join(", ")}</p>}
        </div>
      </header>
      {/* oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex -- what scrolls must be within reach of the keyboard */}
      <div ref={scroller} className={classes["messages"]} role="log" aria-label={chat.messages} tabIndex={0}>
        {shown !== undefined && shown.length >= limit ? (
          <Button kind="quiet" onPress={() => setLimit(limit + PAGE)}>
            {chat.earlier}
          </Button>
        ) : null}
        {shown !== undefined && said.length === 0 ? <p className={classes["first"]}>{chat.first(names)}</p> : null}
        {said.map((each, index) => {
          const before = said[index - 1];
          const day = days(each.at);
          const isNewDay = before === undefined || days(before.at) !== day;
          return (
            <div key={each.key} className={classes["said"]}>
              {isNewDay ? <p className={classes["day"]}>{day}</p> : null}
              {firstUnread !== null && each.messageId === firstUnread ? <p className={classes["new"]}>{chat.unreadHere}</p> : null}
              <Bubble said={each} follows={!isNewDay && before?.from === each.from && before.own === each.own} showsName={isGroup} />
            </div>
          );
        })}
      </div>
      <PeopleNotices people={people} where="chat" />
      <Write people={people} />
    </section>
  );
}

/** Where what is new begins; nowhere any more once it was answered. */
function unansweredOf(said: readonly Said[], first: Hex32 | null): Hex32 | null {
  const at = first === null ? -1 : said.findIndex(({ messageId }) => messageId === first);
  return at < 0 || said.slice(at).some(({ own }) => own) ? null : first;
}

/** Keeps the last message in sight, as long as nobody looks at earlier ones; and those where they are, as still earlier ones come. */
function useStayAtEnd(said: readonly Said[]): { readonly current: HTMLDivElement | null } {
  const place = useRef<HTMLDivElement>(null);
  const atEnd = useRef(true);
  const height = useRef(0);
  const [first, last] = [said.at(0)?.key, said.at(-1)];

  useEffect(() => {
    const element = place.current;
    if (element === null) return undefined;
    const onScroll = (): void => {
      atEnd.current = element.scrollHeight - element.scrollTop - element.clientHeight < NEAR;
    };
    element.addEventListener("scroll", onScroll, { passive: true });
    // Pictures come later than the messages that they are in.
    const watch = new ResizeObserver(() => {
      if (atEnd.current) element.scrollTop = element.scrollHeight;
    });
    watch.observe(element);
    for (const child of element.children) watch.observe(child);
    return () => {
      element.removeEventListener("scroll", onScroll);
      watch.disconnect();
    };
  }, [said.length]);
  useLayoutEffect(() => {
    const element = place.current;
    if (element === null) return;
    if (atEnd.current || last?.own === true) element.scrollTop = element.scrollHeight;
  }, [last?.key, last?.own]);
  useLayoutEffect(() => {
    const element = place.current;
    if (element === null) return undefined;
    if (!atEnd.current) element.scrollTop += element.scrollHeight - height.current;
    return () => {
      height.current = element.scrollHeight;
    };
  }, [first]);
  return place;
}
