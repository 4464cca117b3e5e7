import { useState, type ReactNode } from "react";
import { useEngine } from "../../app/engine.tsx";
import { useMessages } from "../../messages/messages.tsx";
import { Banner } from "../../ui/banner.tsx";
import { Button } from "../../ui/button.tsx";
import { Dialog, DialogButtons } from "../../ui/dialog.tsx";
import { doorFault } from "./faults.ts";

/** Asks once more before the mailbox is taken away from this browser. `address` is null where it can't be told. */
export function ForgetDialog({
  address,
  isGone = false,
  isOpen,
  onClose,
  onForgotten,
}: {
  readonly address: string | null;
  /** The account was deleted: what is here is all that is left of it. */
  readonly isGone?: boolean;
  readonly isOpen: boolean;
  readonly onClose: () => void;
  readonly onForgotten?: () => void;
}): ReactNode {
  const messages = useMessages();
  const { door, common } = messages;
  const engine = useEngine();
  const [error, setError] = useState<string | null>(null);
  const [busy, setBusy] = useState(false);

  async function forget(): Promise<void> {
    setBusy(true);
    setError(null);
    try {
      await engine.call("door.forget", []);
      onForgotten?.();
    } catch (fault) {
      setError(doorFault(messages, fault));
    }
    setBusy(false);
  }

  return (
    <Dialog title={door.forget.title} isOpen={isOpen} onClose={onClose}>
      {address === null ? null : <p>{isGone ? door.forget.last(address) : door.forget.text(address)}</p>}
      {isGone ? null : <p>{door.forget.words}</p>}
      {error === null ? null : <Banner tone="danger" icon="error" title={error} />}
      <DialogButtons>
        <Button onPress={onClose}>{common.cancel}</Button>
        <Button kind="danger" isDisabled={busy} onPress={() => void forget()}>
          {door.forget.forget}
        </Button>
      </DialogButtons>
    </Dialog>
  );
}
