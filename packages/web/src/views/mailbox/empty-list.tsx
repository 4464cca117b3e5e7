import type { Folder } from "@smimp/client";
import { lazy, Suspense, type ReactNode } from "react";
import { useLive } from "../../app/engine.tsx";
import type { ListPlace } from "../../app/places.ts";
import { useMessages } from "../../messages/messages.tsx";
import { Empty } from "../../ui/empty.tsx";
import type { IconName } from "../../ui/icon.tsx";
import classes from "./mailbox.module.css";

const Beginning = lazy(async () => ({ default: (await import("./beginning.tsx")).Beginning }));

const ICONS: Readonly<Record<ListPlace["room"], IconName>> = {
  inbox: "check",
  starred: "star",
  sent: "send",
  all: "inbox",
  folder: "folder",
  label: "label",
};

/** What stands in a list without messages. */
export function EmptyList({ list, folder }: { readonly list: ListPlace; readonly folder: Folder | null }): ReactNode {
  const { empty } = useMessages().mailbox;
  const { data: ever } = useLive("inbox.countThreads", list.room === "inbox" ? [{ view: "all" }] : null, ["messages"]);
  const isTrash = folder?.role === "trash";
  const { title, text } = isTrash ? empty.trash : empty[list.room];
  return (
    <div className={classes["empty"]}>
      {list.room !== "inbox" || (ever !== undefined && ever.total > 0) ? (
        <Empty icon={isTrash ? "trash" : ICONS[list.room]} title={title} text={text} />
      ) : ever === undefined ? null : (
        <Suspense fallback={null}>
          <Beginning />
        </Suspense>
      )}
    </div>
  );
}
