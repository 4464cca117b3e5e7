import type { ReactNode } from "react";
import { useMessages } from "../../messages/messages.tsx";
import { Button } from "../../ui/button.tsx";
import { Dialog, DialogButtons } from "../../ui/dialog.tsx";
import classes from "./doubts.module.css";

/** Asks once, where something may have been forgotten. */
export function Doubts({
  doubts,
  onSend,
  onClose,
}: {
  readonly doubts: readonly string[];
  readonly onSend: () => void;
  readonly onClose: () => void;
}): ReactNode {
  const { confirm } = useMessages().compose;
  return (
    <Dialog title={confirm.title} isOpen onClose={onClose}>
      <ul className={classes["doubts"]}>
        {doubts.map((doubt) => (
          <li key={doubt}>{doubt}</li>
        ))}
      </ul>
      <DialogButtons>
        <Button onPress={onSend}>{confirm.send}</Button>
        <Button kind="primary" autoFocus onPress={onClose}>
          {confirm.back}
        </Button>
      </DialogButtons>
    </Dialog>
  );
}
