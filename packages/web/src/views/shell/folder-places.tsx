import type { Folder } from "@smimp/client";
import { lazy, useState, type ReactNode } from "react";
import type { Place } from "../../app/places.ts";
import { useMessages } from "../../messages/messages.tsx";
import { Beside } from "../../ui/beside.tsx";
import { IconButton } from "../../ui/button.tsx";
import { ActionMenu, type MenuAction } from "../../ui/menu.tsx";
import { useActing } from "../mailbox/acting.tsx";
import { folderIcon, folderName, inTree } from "../mailbox/folders.ts";
import { PlaceLink } from "./place-link.tsx";
import classes from "./navigation.module.css";

const EmptyTrash = lazy(async () => ({ default: (await import("../mailbox/empty-trash.tsx")).EmptyTrash }));
const NameFolder = lazy(async () => ({ default: (await import("./name-folder.tsx")).NameFolder }));
const RemoveFolder = lazy(async () => ({ default: (await import("./remove-folder.tsx")).RemoveFolder }));

type Asking =
  | { readonly what: "create"; readonly parent: Folder | null }
  | { readonly what: "rename" | "remove" | "empty"; readonly folder: Folder };

/** The owner's folders: to go to, to drop messages on, to make, name and delete. */
export function FolderPlaces({
  place,
  folders,
  onGo,
}: {
  readonly place: Place;
  readonly folders: readonly Folder[];
  readonly onGo: (() => void) | undefined;
}): ReactNode {
  const { mailbox, shell } = useMessages();
  const texts = mailbox.folders;
  const acting = useActing();
  const [asking, setAsking] = useState<Asking | null>(null);
  const close = (): void => setAsking(null);

  function actionsOf(folder: Folder): readonly MenuAction[] {
    if (folder.role === "trash")
      return [{ id: "empty", label: texts.empty, icon: "trash", danger: true, run: () => setAsking({ what: "empty", folder }) }];
    // What everybody has is what it is.
    if (folder.role !== null) return [];
    return [
      { id: "rename", label: texts.rename, icon: "draft", run: () => setAsking({ what: "rename", folder }) },
      { id: "inside", label: texts.createIn, icon: "plus", run: () => setAsking({ what: "create", parent: folder }) },
      { id: "remove", label: texts.remove, icon: "trash", danger: true, apart: true, run: () => setAsking({ what: "remove", folder }) },
    ];
  }

  return (
    <section aria-label={texts.title}>
      <div className={classes["headline"]}>
        <h2 className={classes["heading"]}>{texts.title}</h2>
        <IconButton icon="plus" label={texts.create} onPress={() => setAsking({ what: "create", parent: null })} />
      </div>
      <ul className={classes["list"]}>
        {inTree(folders.filter(({ messageType }) => messageType === "email")).map(({ folder, depth }) => {
          const name = folderName(mailbox, folder);
          const actions = actionsOf(folder);
          return (
            <PlaceLink
              key={folder.id}
              to={{ room: "folder", id: folder.id }}
              icon={folderIcon(folder)}
              name={name}
              isHere={place.room === "folder" && place.id === folder.id}
              // Nobody wants to be told of unread trash.
              count={folder.role === "trash" ? 0 : folder.unread}
              told={shell.unread(folder.unread)}
              depth={depth}
              onDrop={(targets) => void (folder.role === "trash" ? acting.trash(targets) : acting.move(targets, folder.id, name))}
              {...(onGo === undefined ? {} : { onGo })}
            >
              {actions.length === 0 ? null : (
                <span className={classes["menu"]}>
                  <ActionMenu label={texts.actionsOf(name)} actions={actions} />
                </span>
              )}
            </PlaceLink>
          );
        })}
      </ul>
      <Beside key={asking?.what ?? "nothing"}>
        {asking?.what === "create" ? <NameFolder parent={asking.parent} folder={null} onClose={close} /> : null}
        {asking?.what === "rename" ? <NameFolder parent={null} folder={asking.folder} onClose={close} /> : null}
        {asking?.what === "empty" ? <EmptyTrash folder={asking.folder} onClose={close} /> : null}
        {asking?.what === "remove" ? (
          <RemoveFolder
            folder={asking.folder}
            hasChildren={folders.some(({ parent }) => parent === asking.folder.id)}
            place={place}
            onClose={close}
          />
        ) : null}
      </Beside>
    </section>
  );
}
