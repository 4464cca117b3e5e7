import type { Folder, ThreadCounts } from "@smimp/client";
import { lazy, useState, type ReactNode } from "react";
import { useDates } from "../../app/dates.ts";
import { useMessages } from "../../messages/messages.tsx";
import { Beside } from "../../ui/beside.tsx";
import { IconButton } from "../../ui/button.tsx";
import { PaneHeader } from "../shell/pane-header.tsx";
import type { ListAction } from "./list-keys.ts";
import { SelectionBar } from "./selection-bar.tsx";
import type { Selection } from "./selection.ts";

const EmptyTrash = lazy(async () => ({ default: (await import("./empty-trash.tsx")).EmptyTrash }));

/** What stands above a list: its name, or what can be done with what is selected. */
export function ListHeader({
  title,
  folder,
  selection,
  counts,
  act,
}: {
  readonly title: string;
  readonly folder: Folder | null;
  readonly selection: Selection;
  readonly counts: ThreadCounts | null;
  readonly act: (action: ListAction) => void;
}): ReactNode {
  const { mailbox } = useMessages();
  const { number } = useDates();
  const [emptying, setEmptying] = useState(false);
  const isTrash = folder?.role === "trash";
  const total = counts?.threads ?? 0;
  const isEmpty = counts !== null && total === 0;

  if (selection.count > 0) return <SelectionBar title={title} folder={folder} selection={selection} act={act} />;
  return (
    <>
      <PaneHeader title={title} {...(isEmpty ? {} : { note: counts === null ? "" : mailbox.count(number(total), total === 1) })}>
        {total === 0 ? null : <IconButton icon="select-all" label={mailbox.selectAll} onPress={selection.selectAll} />}
        {isTrash && total > 0 ? <IconButton icon="trash" label={mailbox.folders.empty} onPress={() => setEmptying(true)} /> : null}
      </PaneHeader>
      {emptying && folder !== null ? (
        <Beside>
          <EmptyTrash folder={folder} onClose={() => setEmptying(false)} />
        </Beside>
      ) : null}
    </>
  );
}
