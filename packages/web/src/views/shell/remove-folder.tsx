import type { Folder } from "@smimp/client";
import type { ReactNode } from "react";
import { goTo, type Place } from "../../app/places.ts";
import { useMessages } from "../../messages/messages.tsx";
import { Button } from "../../ui/button.tsx";
import { Dialog, DialogButtons } from "../../ui/dialog.tsx";
import { useActing } from "../mailbox/acting.tsx";
import { folderName } from "../mailbox/folders.ts";

/** Asks before a folder is deleted, and says what becomes of what is in it. */
export function RemoveFolder({
  folder,
  hasChildren,
  place,
  onClose,
}: {
  readonly folder: Folder;
  readonly hasChildren: boolean;
  readonly place: Place;
  readonly onClose: () => void;
}): ReactNode {
  const { common, mailbox } = useMessages();
  const texts = mailbox.folders;
  const acting = useActing();
  return (
    <Dialog title={texts.removeTitle(folderName(mailbox, folder))} isOpen onClose={onClose}>
      <p>{hasChildren ? texts.removeChildren : folder.total === 0 ? texts.removeEmpty : texts.removeFull(folder.total)}</p>
      <DialogButtons>
        <Button onPress={onClose}>{common.cancel}</Button>
        <Button
          kind="danger"
          isDisabled={hasChildren}
          onPress={() => {
            onClose();
            if (place.room === "folder" && place.id === folder.id) goTo({ room: "inbox" });
            void acting.removeFolder(folder.id);
          }}
        >
          {texts.remove}
        </Button>
      </DialogButtons>
    </Dialog>
  );
}
