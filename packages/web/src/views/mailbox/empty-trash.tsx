import type { Folder } from "@smimp/client";
import type { ReactNode } from "react";
import { useMessages } from "../../messages/messages.tsx";
import { Button } from "../../ui/button.tsx";
import { Dialog, DialogButtons } from "../../ui/dialog.tsx";
import { useActing } from "./acting.tsx";

/** Asks before the trash is emptied: from there nothing comes back. */
export function EmptyTrash({ folder, onClose }: { readonly folder: Folder; readonly onClose: () => void }): ReactNode {
  const { mailbox, common } = useMessages();
  const { folders } = mailbox;
  const acting = useActing();
  return (
    <Dialog title={folders.emptyTitle} isOpen onClose={onClose}>
      <p>{folders.emptyText(folder.total)}</p>
      <DialogButtons>
        <Button onPress={onClose}>{common.cancel}</Button>
        <Button
          kind="danger"
          onPress={() => {
            onClose();
            void acting.empty(folder.id);
          }}
        >
          {folders.empty}
        </Button>
      </DialogButtons>
    </Dialog>
  );
}
