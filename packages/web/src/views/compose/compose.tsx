import type { ReactNode } from "react";
import { closeComposer, type OpenComposer } from "../../app/composing.ts";
import { useMessages } from "../../messages/messages.tsx";
import { Dialog } from "../../ui/dialog.tsx";

/** What is being written; the last of them in front. */
export function Compose({ composers }: { readonly composers: readonly OpenComposer[] }): ReactNode {
  const { mailbox } = useMessages();
  return composers.map(({ id, composing }) => (
    <Dialog key={id} title={mailbox.write} isOpen onClose={() => closeComposer(id)}>
      {composing.kind}
    </Dialog>
  ));
}
