import type { Device } from "@smimp/client";
import { useState, type ReactNode } from "react";
import { useEngine } from "../../../app/engine.tsx";
import { useMessages } from "../../../messages/messages.tsx";
import { Button } from "../../../ui/button.tsx";
import { Dialog, DialogButtons } from "../../../ui/dialog.tsx";
import { Field } from "../../../ui/field.tsx";
import { FaultLine } from "../fault-line.tsx";
import { useSaving } from "../saving.ts";
import { Form } from "../section.tsx";

/** Characters of the longest name (protocol section 8). */
const NAME_LENGTH = 100;

/** Gives a device another name. */
export function RenameDevice({ device, onClose }: { readonly device: Device; readonly onClose: () => void }): ReactNode {
  const { settings, common } = useMessages();
  const texts = settings.devices;
  const engine = useEngine();
  const [name, setName] = useState(device.name);
  const [looked, setLooked] = useState(false);
  const { busy, error, save } = useSaving();
  const wrong = name.trim() === "" ? texts.nameMissing : name.trim().length > NAME_LENGTH ? texts.nameLong : null;

  async function rename(): Promise<void> {
    setLooked(true);
    if (wrong !== null) return;
    const done = await save(async () => await engine.call("devices.rename", [device.id, name.trim()]), {
      said: texts.renamed(name.trim()),
      faults: { not_found: texts.gone },
    });
    if (done) onClose();
  }

  return (
    <Dialog title={texts.renameTitle} isOpen onClose={onClose}>
      <Form onSubmit={() => void rename()}>
        <Field label={texts.name} value={name} onChange={setName} error={looked ? wrong : null} autoFocus />
        <FaultLine error={error} />
        <DialogButtons>
          <Button onPress={onClose}>{common.cancel}</Button>
          <Button kind="primary" type="submit" isDisabled={busy}>
            {common.save}
          </Button>
        </DialogButtons>
      </Form>
    </Dialog>
  );
}
