import type { ReactNode } from "react";
import { useMessages } from "../../messages/messages.tsx";
import { Button } from "../../ui/button.tsx";
import { Dialog, DialogButtons } from "../../ui/dialog.tsx";
import { Progress } from "../../ui/progress.tsx";
import type { Work } from "./actions.ts";

/** How far something is that takes long. */
export function WorkDialog({ work: { done, total, stop } }: { readonly work: Work }): ReactNode {
  const { working } = useMessages().mailbox;
  const title = total === null ? working.gathering : working.filing;
  return (
    <Dialog title={title} isOpen onClose={stop}>
      <Progress label={total === null ? title : `${done} / ${total}`} value={total === null ? null : done / total} />
      <DialogButtons>
        <Button onPress={stop}>{working.stop}</Button>
      </DialogButtons>
    </Dialog>
  );
}
