import type { Folder, ThreadCounts } from "@smimp/client";
import { lazy, Suspense, useState, type ReactNode } from "react";
import { useDates } from "../../app/dates.ts";
import type { ListPlace } from "../../app/places.ts";
import { useMessages } from "../../messages/messages.tsx";
import { Button, IconButton } from "../../ui/button.tsx";
import { ActionMenu, type MenuAction } from "../../ui/menu.tsx";
import { PaneHeader } from "../shell/pane-header.tsx";
import classes from "./list-header.module.css";
import type { ListAction } from "./list-keys.ts";
import type { Selection } from "./selection.ts";

const EmptyTrash = lazy(async () => ({ default: (await import("./empty-trash.tsx")).EmptyTrash }));

/** What stands above a list: its name, or what can be done with what is selected. */
export function ListHeader({
  title,
  list,
  folder,
  selection,
  counts,
  act,
}: {
  readonly title: string;
  readonly list: ListPlace;
  readonly folder: Folder | null;
  readonly selection: Selection;
  readonly counts: ThreadCounts | null;
  readonly act: (action: ListAction) => void;
}): ReactNode {
  const { mailbox } = useMessages();
  const { actions } = mailbox;
  const { number } = useDates();
  const [emptying, setEmptying] = useState(false);
  const isTrash = folder?.role === "trash";
  const total = counts?.threads ?? 0;

  if (selection.count > 0) {
    const more: readonly MenuAction[] = [
      { id: "star", label: actions.star, icon: "star", run: () => act("star") },
      { id: "unstar", label: actions.unstar, icon: "star", run: () => act("unstar") },
      { id: "unread", label: actions.unread, icon: "unread", run: () => act("unread") },
      { id: "block", label: actions.block, icon: "block", danger: true, apart: true, run: () => act("block") },
    ];
    return (
      <div className={classes["bar"]} role="toolbar" aria-label={mailbox.selected(selection.count)}>
        <h1 className="visually-hidden">{title}</h1>
        <IconButton icon="close" label={mailbox.selectNone} onPress={selection.clear} />
        <span className={classes["count"]} role="status">
          {number(selection.count)}
        </span>
        {selection.all ? null : (
          <Button kind="quiet" onPress={selection.selectAll}>
            {mailbox.selectAll}
          </Button>
        )}
        <span className={classes["buttons"]}>
          {list.room === "sent" || folder?.role === "archive" ? null : (
            <IconButton icon="archive" label={actions.archive} onPress={() => act("archive")} />
          )}
          {folder === null || folder.role === null ? null : (
            <IconButton icon="inbox" label={actions.toInbox} onPress={() => act("to-inbox")} />
          )}
          <IconButton icon="trash" label={isTrash ? actions.erase : actions.trash} onPress={() => act("trash")} />
          <IconButton icon="move" label={actions.move} onPress={() => act("move")} />
          <IconButton icon="label" label={actions.label} onPress={() => act("label")} />
          <IconButton icon="read" label={actions.read} onPress={() => act("read")} />
          <ActionMenu label={actions.more} actions={more} />
        </span>
      </div>
    );
  }
  return (
    <>
      <PaneHeader title={title} note={counts === null ? "" : mailbox.count(number(total), total === 1)}>
        {total === 0 ? null : <IconButton icon="select-all" label={mailbox.selectAll} onPress={selection.selectAll} />}
        {isTrash && total > 0 ? <IconButton icon="trash" label={mailbox.folders.empty} onPress={() => setEmptying(true)} /> : null}
      </PaneHeader>
      {emptying && folder !== null ? (
        <Suspense fallback={null}>
          <EmptyTrash folder={folder} onClose={() => setEmptying(false)} />
        </Suspense>
      ) : null}
    </>
  );
}
