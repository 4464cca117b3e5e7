import type { Hex32 } from "@smimp/protocol";
import { useEffect, useMemo, useRef, type ReactNode } from "react";
import { useEngine, useLive } from "../../app/engine.tsx";
import { goTo, withMessage, type ListPlace } from "../../app/places.ts";
import { useShortcuts } from "../../app/shortcuts.ts";
import { oneLine } from "../../app/text.ts";
import { useMessages } from "../../messages/messages.tsx";
import { Banner } from "../../ui/banner.tsx";
import { Button } from "../../ui/button.tsx";
import { faultText } from "../../ui/fault.ts";
import { useActing } from "./acting.tsx";
import { dragThreads } from "./dragging.ts";
import { EmptyList } from "./empty-list.tsx";
import { folderName } from "./folders.ts";
import { looked, useHidden } from "./hiding.ts";
import { ListHeader } from "./list-header.tsx";
import { useListKeys } from "./list-keys.ts";
import classes from "./mailbox.module.css";
import { useThreadPages } from "./pages.ts";
import { useSelection } from "./selection.ts";
import { ThreadList, type ListEvents, type ListHandle } from "./thread-list.tsx";
import { refOf, targetsOf, threadListOf } from "./threads.ts";
import { useVisible } from "./visible.ts";

/** A list of conversations, and what can be done with them. */
export function Mailbox({ list, message }: { readonly list: ListPlace; readonly message: Hex32 | null }): ReactNode {
  const messages = useMessages();
  const { mailbox } = messages;
  const engine = useEngine();
  const acting = useActing();
  const threadList = useMemo(() => threadListOf(list), [list]);
  const pages = useThreadPages(threadList);
  const hidden = useHidden(threadList);
  const visible = useVisible(pages, hidden);
  const selection = useSelection(threadList, visible.count);
  const { data: folders } = useLive("folders.list", list.room === "folder" ? [] : null, ["folders"]);
  const folder = list.room === "folder" ? (folders?.find(({ id }) => id === list.id) ?? null) : null;
  const handle = useRef<ListHandle>(null);
  const anchor = useRef(0);
  const title =
    list.room === "folder"
      ? folder === null
        ? "…"
        : folderName(mailbox, folder)
      : list.room === "label"
        ? oneLine(list.label)
        : mailbox.rooms[list.room];

  // What went is gone from the list by now.
  useEffect(() => looked(threadList), [threadList, pages.here]);

  async function select(position: number, range: boolean): Promise<void> {
    const thread = pages.at(position);
    if (!range) {
      anchor.current = position;
      if (thread !== undefined) selection.toggle(refOf(thread));
      return;
    }
    const [from, to] = [Math.min(anchor.current, position), Math.max(anchor.current, position)];
    // Not all of them need have come into view.
    const between = await engine.call("inbox.threads", [{ ...threadList, skip: from, limit: to - from + 1 }]);
    selection.add(between.map(refOf));
  }
  const open = (position: number): void => {
    const thread = pages.at(position);
    anchor.current = position;
    if (thread !== undefined) goTo(withMessage(list, thread.latest.messageId), { replace: message !== null });
  };
  const events: ListEvents = {
    onOpen: (position, event) => {
      if (event.shiftKey) void select(position, true);
      else if (event.ctrlKey || event.metaKey) void select(position, false);
      else open(position);
    },
    onSelect: (position, range) => void select(position, range),
    onStar: (position) => {
      const thread = pages.at(position);
      if (thread !== undefined) void acting.star(targetsOf(threadList, [refOf(thread)]), !thread.latest.starred);
    },
    onDrag: (position, event) => {
      const thread = pages.at(position);
      if (thread === undefined) return;
      dragThreads(event, selection.has(refOf(thread)) ? selection.targets : targetsOf(threadList, [refOf(thread)]));
    },
  };
  const keys = useListKeys({ list, threadList, folder, message, visible, selection, handle, open, select });
  useShortcuts(keys.shortcuts);

  // Who comes back from a message goes on where they were.
  const was = useRef(message);
  useEffect(() => {
    if (was.current !== null && message === null && (document.activeElement === document.body || document.activeElement === null)) {
      handle.current?.focus();
    }
    was.current = message;
  }, [message]);

  const { counts, error } = pages;
  return (
    <section className={classes["mailbox"]} aria-label={title}>
      <ListHeader title={title} folder={folder} selection={selection} counts={counts} act={keys.act} />
      {error !== null && counts === null ? (
        <div className={classes["note"]}>
          <Banner tone="warning" icon="error" title={mailbox.listFailed}>
            <p>{faultText(messages, error)}</p>
            <Button onPress={pages.reload}>{messages.common.retry}</Button>
          </Banner>
        </div>
      ) : null}
      {counts !== null && visible.count === 0 ? (
        <EmptyList list={list} folder={folder} />
      ) : (
        <ThreadList
          label={mailbox.list(title)}
          visible={visible}
          selection={selection}
          open={message}
          isSent={list.room === "sent"}
          events={events}
          onKey={keys.onKey}
          handle={handle}
        />
      )}
    </section>
  );
}
