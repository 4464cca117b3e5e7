import type { Folder, InboxSummary } from "@smimp/client";
import type { ReactNode } from "react";
import type { Place } from "../../app/places.ts";
import { useMessages } from "../../messages/messages.tsx";
import { IconButton } from "../../ui/button.tsx";
import { ActionMenu, type MenuAction } from "../../ui/menu.tsx";
import type { Filing } from "../mailbox/filing.ts";
import { useScreen } from "../shell/screen.ts";
import classes from "./message.module.css";

/** What can be done with a thread that is open. */
export type ReadingAction =
  | "back"
  | "archive"
  | "to-inbox"
  | "trash"
  | "erase"
  | "unread"
  | "move"
  | "label"
  | "star"
  | "block"
  | "reply"
  | "reply-all"
  | "forward";

/** What can be done with the thread that is open; null: there is none. */
export function MessageToolbar({
  place,
  latest,
  isStarred,
  folderRole,
  filing,
  act,
}: {
  readonly place: Place;
  readonly latest: InboxSummary | null;
  readonly isStarred: boolean;
  /** What the folder is for in which it is looked at. */
  readonly folderRole: Folder["role"];
  /** Where it can be moved at once. */
  readonly filing: Filing;
  readonly act: (action: ReadingAction) => void;
}): ReactNode {
  const { mailbox, reading } = useMessages();
  const { actions } = mailbox;
  const screen = useScreen();
  const name = place.room === "folder" || place.room === "label" ? mailbox.rooms.all : mailbox.rooms[place.room];
  const more: readonly MenuAction[] = [
    ...(screen === "narrow" ? [{ id: "label", label: actions.label, icon: "label" as const, run: () => act("label") }] : []),
    { id: "print", label: reading.print, icon: "print", run: () => print() },
    ...(latest?.own === false
      ? [{ id: "block", label: actions.block, icon: "block" as const, danger: true, apart: true, run: () => act("block") }]
      : []),
  ];
  return (
    <div className={classes["toolbar"]} role="toolbar" aria-label={reading.thread}>
      <IconButton icon={screen === "narrow" ? "back" : "close"} label={reading.backTo(name)} onPress={() => act("back")} />
      {latest === null ? null : (
        <>
          {filing.archive ? <IconButton icon="archive" label={actions.archive} onPress={() => act("archive")} /> : null}
          {filing.toInbox ? <IconButton icon="inbox" label={actions.toInbox} onPress={() => act("to-inbox")} /> : null}
          <IconButton
            icon="trash"
            label={folderRole === "trash" ? actions.erase : actions.trash}
            onPress={() => act(folderRole === "trash" ? "erase" : "trash")}
          />
          <IconButton icon="move" label={actions.move} onPress={() => act("move")} />
          {screen === "narrow" ? null : <IconButton icon="label" label={actions.label} onPress={() => act("label")} />}
          <IconButton icon="unread" label={actions.unread} onPress={() => act("unread")} />
          <span className={classes["gap"]} />
          <IconButton
            icon="star"
            filled={isStarred}
            pressed={isStarred}
            label={isStarred ? actions.unstar : actions.star}
            onPress={() => act("star")}
          />
          <ActionMenu label={actions.more} actions={more} />
        </>
      )}
    </div>
  );
}
