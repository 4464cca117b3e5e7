import type { ReactNode } from "react";
import { useDates } from "../../app/dates.ts";
import { useMessages } from "../../messages/messages.tsx";
import { Button } from "../../ui/button.tsx";
import { Dialog, DialogButtons } from "../../ui/dialog.tsx";
import { Progress } from "../../ui/progress.tsx";
import type { Work } from "./actions.ts";

/** How far something is that takes long. */
export function WorkDialog({ work: { what, done, total, stop } }: { readonly work: Work }): ReactNode {
  const { working } = useMessages().mailbox;
  const { number } = useDates();
  const title = working[what];
  return (
    <Dialog title={title} isOpen onClose={stop}>
      <Progress label={working.progress(number(done), number(total))} value={total === 0 ? null : done / total} />
      <DialogButtons>
        <Button onPress={stop}>{working.stop}</Button>
      </DialogButtons>
    </Dialog>
  );
}
