import type { InboxSummary } from "@smimp/client";
import type { Hex32 } from "@smimp/protocol";
import { useEffect, useMemo, useRef, useState, type ReactNode } from "react";
import { openComposer } from "../../app/composing.ts";
import { useEngine, useLive } from "../../app/engine.tsx";
import { useMe } from "../../app/me.ts";
import { goTo, withoutMessage, type Place } from "../../app/places.ts";
import { useShortcuts } from "../../app/shortcuts.ts";
import { oneLine } from "../../app/text.ts";
import type { ThreadList } from "../../engine/calls/messages.ts";
import { useMessages } from "../../messages/messages.tsx";
import { Button } from "../../ui/button.tsx";
import { Empty } from "../../ui/empty.tsx";
import { faultText } from "../../ui/fault.ts";
import { useActing } from "../mailbox/acting.tsx";
import { filingOf, shownOf } from "../mailbox/filing.ts";
import { targetsOf } from "../mailbox/threads.ts";
import { MessageCard } from "./message-card.tsx";
import classes from "./message.module.css";
import { MessageToolbar, type ReadingAction } from "./message-toolbar.tsx";
import { useMarkRead } from "./mark-read.ts";

/** Earlier messages that stand closed one by one; of more, only that there are any is shown. */
const CLOSED_SHOWN = 6;

/** A message as it is read, with the rest of its thread. */
export function Reading({
  message,
  place,
  list,
}: {
  readonly message: Hex32;
  readonly place: Place;
  readonly list: ThreadList;
}): ReactNode {
  const texts = useMessages();
  const { data: summary, error, loading, reload } = useLive("inbox.summary", [message], ["messages"]);
  const threadId = summary?.threadId ?? null;
  const { data: thread } = useLive("inbox.thread", threadId === null ? null : [threadId], ["messages"]);
  const messages = useMemo(() => {
    if (summary === undefined || summary === null) return [];
    return thread === undefined || !thread.some(({ messageId }) => messageId === summary.messageId) ? [summary] : thread;
  }, [summary, thread]);
  // The rest of the thread comes a moment later: until then nothing moves.
  const complete = threadId === null || thread !== undefined;

  if (loading) return null;
  if (summary === undefined || summary === null) {
    return (
      <div className={classes["reading"]}>
        <MessageToolbar
          place={place}
          latest={null}
          isStarred={false}
          folderRole={null}
          filing={{ archive: false, toInbox: false }}
          act={(action) => (action === "back" ? goTo(withoutMessage(place)) : undefined)}
        />
        {summary === undefined ? (
          // That it could not be looked at says nothing of whether it is there.
          <Empty icon="error" title={faultText(texts, error)}>
            <Button onPress={reload}>{texts.common.retry}</Button>
          </Empty>
        ) : (
          <Empty icon="trash" title={texts.reading.gone.title} text={texts.reading.gone.text} />
        )}
      </div>
    );
  }
  return <Thread key={threadId ?? message} opened={summary} messages={messages} complete={complete} place={place} list={list} />;
}

function Thread({
  opened,
  messages,
  complete,
  place,
  list,
}: {
  readonly opened: InboxSummary;
  readonly messages: readonly InboxSummary[];
  readonly complete: boolean;
  readonly place: Place;
  readonly list: ThreadList;
}): ReactNode {
  const { mailbox, reading } = useMessages();
  const engine = useEngine();
  const acting = useActing();
  const heading = useRef<HTMLHeadingElement>(null);
  const [chosen, setChosen] = useState<ReadonlyMap<Hex32, boolean>>(new Map());
  const [allShown, setAllShown] = useState(false);
  const latest = messages.at(-1) ?? opened;
  const me = useMe();
  const { data: folders = [] } = useLive("folders.list", [], ["folders"]);
  const folderRole = folders.find(({ id }) => id === list.folder)?.role ?? null;
  const filing = filingOf({ list, role: folderRole, messages }, me);
  // The star here is the one of the row in the list.
  const starred = shownOf(list, messages, me) ?? latest;
  const keep = useMarkRead(messages, complete);

  // What was open when it was first seen stays so, read or not.
  const fresh = complete ? messages.filter(({ messageId }) => !chosen.has(messageId)) : [];
  if (fresh.length > 0)
    setChosen(new Map([...chosen, ...fresh.map((each) => [each.messageId, isOpenAtFirst(each, opened, latest)] as const)]));
  useEffect(() => heading.current?.focus({ preventScroll: true }), [opened.messageId]);
  useScrollTo(messages, opened, complete);

  const threadTargets = useMemo(
    () => targetsOf(list, [{ threadId: opened.threadId, messageId: latest.messageId }]),
    [list, opened, latest],
  );
  const back = (): void => goTo(withoutMessage(place));
  function act(action: ReadingAction): void {
    switch (action) {
      case "back":
        back();
        break;
      case "to-inbox":
        back();
        void acting.move(threadTargets, null, mailbox.rooms.inbox);
        break;
      case "archive":
        // Its key is there where the button isn't.
        if (!filing.archive) return;
        back();
        void acting.archive(threadTargets);
        break;
      case "trash":
      case "erase":
        back();
        void acting[action](threadTargets);
        break;
      case "unread":
        keep();
        back();
        void acting.setRead(threadTargets, false);
        break;
      case "move":
        acting.chooseFolder(threadTargets);
        break;
      case "label":
        acting.chooseLabels(threadTargets);
        break;
      case "star":
        void engine.call("inbox.star", [[starred.messageId], !starred.starred]).catch(() => undefined);
        break;
      case "block":
        void acting.block(threadTargets);
        break;
      case "reply":
      case "reply-all":
      case "forward":
        openComposer({ kind: action, messageId: latest.messageId });
        break;
    }
  }
  useShortcuts({
    Escape: back,
    e: () => act("archive"),
    "#": () => act("trash"),
    u: () => act("unread"),
    v: () => act("move"),
    l: () => act("label"),
    s: () => act("star"),
    r: () => act("reply"),
    a: () => act("reply-all"),
    f: () => act("forward"),
  });

  const isOpen = (each: InboxSummary): boolean => chosen.get(each.messageId) ?? isOpenAtFirst(each, opened, latest);
  const firstOpen = messages.findIndex(isOpen);
  const skipped = allShown || firstOpen <= CLOSED_SHOWN ? 0 : firstOpen - 1;
  const subject = oneLine(messages[0]?.subject ?? opened.subject);
  const labels = [...new Set(messages.flatMap((each) => each.labels))];
  return (
    <article className={classes["reading"]} aria-label={subject === "" ? mailbox.noSubject : subject}>
      <MessageToolbar place={place} latest={latest} isStarred={starred.starred} folderRole={folderRole} filing={filing} act={act} />
      <div className={classes["thread"]} data-paper>
        <header className={classes["head"]}>
          <h1 ref={heading} tabIndex={-1} className={classes["subject"]}>
            <bdi>{subject === "" ? mailbox.noSubject : subject}</bdi>
          </h1>
          {labels.length === 0 ? null : (
            <p className={classes["labels"]}>
              {labels.map((label) => (
                <span key={label} className={classes["label"]}>
                  {oneLine(label)}
                </span>
              ))}
            </p>
          )}
        </header>
        {skipped === 0 ? null : (
          <Button kind="quiet" onPress={() => setAllShown(true)}>
            {reading.earlier(skipped)}
          </Button>
        )}
        <ol className={classes["messages"]} aria-label={reading.thread}>
          {messages.slice(skipped).map((each) => (
            <li key={each.messageId} id={`message-${each.messageId}`}>
              <MessageCard
                summary={each}
                isOpen={isOpen(each)}
                onToggle={messages.length === 1 ? null : () => setChosen((before) => new Map([...before, [each.messageId, !isOpen(each)]]))}
              />
            </li>
          ))}
        </ol>
        {latest.state === "open" ? (
          <div className={classes["answers"]}>
            <Button icon="reply" onPress={() => act("reply")}>
              {reading.reply}
            </Button>
            {latest.recipients.length > 1 ? (
              <Button icon="reply-all" onPress={() => act("reply-all")}>
                {reading.replyAll}
              </Button>
            ) : null}
            <Button icon="forward" onPress={() => act("forward")}>
              {reading.forward}
            </Button>
          </div>
        ) : null}
      </div>
    </article>
  );
}

function isOpenAtFirst(each: InboxSummary, opened: InboxSummary, latest: InboxSummary): boolean {
  return !each.read || each.messageId === latest.messageId || each.messageId === opened.messageId;
}

/** Brings the first message into view that wasn't read yet, else the one that was opened. */
function useScrollTo(messages: readonly InboxSummary[], opened: InboxSummary, complete: boolean): void {
  const done = useRef<Hex32 | null>(null);
  useEffect(() => {
    if (!complete || done.current === opened.messageId) return;
    done.current = opened.messageId;
    if (messages.length < 2) return;
    const first = messages.find(({ read }) => !read) ?? opened;
    document.getElementById(`message-${first.messageId}`)?.scrollIntoView({ block: "start" });
  }, [messages, opened, complete]);
}
