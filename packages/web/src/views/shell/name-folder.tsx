import type { Folder } from "@smimp/client";
import { useState, type FormEvent, type ReactNode } from "react";
import { useEngine } from "../../app/engine.tsx";
import { useMessages } from "../../messages/messages.tsx";
import { Button } from "../../ui/button.tsx";
import { Dialog, DialogButtons } from "../../ui/dialog.tsx";
import { faultText } from "../../ui/fault.ts";
import { Field } from "../../ui/field.tsx";

/** Characters of a folder's name. */
const NAME_LENGTH = 100;

/** Asks how a folder shall be called: a new one, or one that is there. */
export function NameFolder({
  folder,
  parent,
  onClose,
}: {
  /** Null: a new one. */
  readonly folder: Folder | null;
  /** Where a new one stands in. */
  readonly parent: Folder | null;
  readonly onClose: () => void;
}): ReactNode {
  const messages = useMessages();
  const { common, mailbox } = messages;
  const texts = mailbox.folders;
  const engine = useEngine();
  const [name, setName] = useState(folder?.name ?? "");
  const [error, setError] = useState<string | null>(null);
  const [busy, setBusy] = useState(false);

  async function save(event: FormEvent): Promise<void> {
    event.preventDefault();
    if (name.trim() === "") return setError(texts.nameMissing);
    setBusy(true);
    try {
      if (folder === null) await engine.call("folders.create", [{ name: name.trim(), parent: parent?.id ?? null }]);
      else await engine.call("folders.rename", [folder.id, name.trim()]);
      onClose();
    } catch (fault) {
      setError(faultText(messages, fault));
      setBusy(false);
    }
  }

  return (
    <Dialog title={folder === null ? texts.create : texts.rename} isOpen onClose={onClose}>
      <form onSubmit={(event) => void save(event)}>
        <Field label={texts.name} value={name} onChange={setName} error={error} maxLength={NAME_LENGTH} autoFocus />
        <DialogButtons>
          <Button onPress={onClose}>{common.cancel}</Button>
          <Button kind="primary" type="submit" isDisabled={busy}>
            {folder === null ? texts.make : common.save}
          </Button>
        </DialogButtons>
      </form>
    </Dialog>
  );
}
