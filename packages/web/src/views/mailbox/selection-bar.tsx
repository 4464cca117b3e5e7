import type { Folder } from "@smimp/client";
import type { ReactNode } from "react";
import { useDates } from "../../app/dates.ts";
import { useMessages } from "../../messages/messages.tsx";
import { Button, IconButton } from "../../ui/button.tsx";
import { ActionMenu, type MenuAction } from "../../ui/menu.tsx";
import classes from "./selection-bar.module.css";
import type { ListAction } from "./list-keys.ts";
import type { Selection } from "./selection.ts";
import { useFiling } from "./use-filing.ts";

/** What can be done with what is selected in a list. */
export function SelectionBar({
  title,
  folder,
  selection,
  act,
}: {
  readonly title: string;
  readonly folder: Folder | null;
  readonly selection: Selection;
  readonly act: (action: ListAction) => void;
}): ReactNode {
  const { mailbox } = useMessages();
  const { actions } = mailbox;
  const { number } = useDates();
  const filing = useFiling(selection.targets, folder?.role ?? null);
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
        {filing.archive ? <IconButton icon="archive" label={actions.archive} onPress={() => act("archive")} /> : null}
        {filing.toInbox ? <IconButton icon="inbox" label={actions.toInbox} onPress={() => act("to-inbox")} /> : null}
        <IconButton icon="trash" label={folder?.role === "trash" ? actions.erase : actions.trash} onPress={() => act("trash")} />
        <IconButton icon="move" label={actions.move} onPress={() => act("move")} />
        <IconButton icon="label" label={actions.label} onPress={() => act("label")} />
        <IconButton icon="read" label={actions.read} onPress={() => act("read")} />
        <ActionMenu label={actions.more} actions={more} />
      </span>
    </div>
  );
}
