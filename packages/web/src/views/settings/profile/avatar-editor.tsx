import type { Address } from "@smimp/protocol";
import { useState, type ReactNode } from "react";
import { useEngine } from "../../../app/engine.tsx";
import { usePicture } from "../../../app/pictures.ts";
import { useMessages } from "../../../messages/messages.tsx";
import { Avatar } from "../../../ui/avatar.tsx";
import { Button } from "../../../ui/button.tsx";
import { useChoosingFiles } from "../../../ui/choosing-files.tsx";
import { FaultLine } from "../fault-line.tsx";
import { useSaving } from "../saving.ts";
import { Group, Row } from "../section.tsx";
import classes from "./avatar-editor.module.css";
import { CropDialog } from "./crop-dialog.tsx";
import type { Crop } from "./crop.ts";
import { openPicture, pictureOf, PICTURE_TYPES } from "./picture-file.ts";

/** The owner's picture: chosen, cut to a square and made smaller here. */
export function AvatarEditor({ address, name }: { readonly address: string; readonly name: string }): ReactNode {
  const { settings } = useMessages();
  const texts = settings.profile;
  const engine = useEngine();
  const url = usePicture(address as Address, { fetch: true });
  const [picture, setPicture] = useState<ImageBitmap | null>(null);
  const [wrong, setWrong] = useState(false);
  const { busy, error, save, clear } = useSaving();

  async function open([file]: readonly File[]): Promise<void> {
    if (file === undefined) return;
    clear();
    const opened = await openPicture(file);
    setWrong(opened === null);
    setPicture(opened);
  }

  function close(): void {
    picture?.close();
    setPicture(null);
  }

  async function use(crop: Crop): Promise<void> {
    if (picture === null) return;
    await save(async () => await engine.call("profile.setAvatar", [await pictureOf(picture, crop)]), {
      said: texts.pictureSaved,
      faults: { rate_limited: texts.tooOften },
    });
    close();
  }

  async function remove(): Promise<void> {
    await save(async () => await engine.call("profile.set", [{ avatar: null }]), {
      said: texts.removed,
      faults: { rate_limited: texts.tooOften },
    });
  }

  const { choose, chooser } = useChoosingFiles(texts.choose, (files) => void open(files), { accept: PICTURE_TYPES, multiple: false });

  return (
    <Group title={texts.picture}>
      <div className={classes["picture"]}>
        <Avatar name={name === "" ? address : name} seed={address} src={url} size={88} />
        <div className={classes["side"]}>
          <p className={classes["text"]}>{texts.pictureText}</p>
          <Row>
            <Button icon="image" isDisabled={busy} onPress={choose}>
              {url === null ? texts.choose : texts.change}
            </Button>
            {url === null ? null : (
              <Button kind="quiet" isDisabled={busy} onPress={() => void remove()}>
                {texts.remove}
              </Button>
            )}
          </Row>
          {chooser}
        </div>
      </div>
      <FaultLine error={wrong ? texts.notAPicture : error} />
      {picture === null ? null : <CropDialog picture={picture} busy={busy} onUse={(crop) => void use(crop)} onClose={close} />}
    </Group>
  );
}
