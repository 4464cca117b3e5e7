import type { InboxAttachment } from "@smimp/client";
import type { Hex32 } from "@smimp/protocol";
import { useEffect, useState, type ReactNode } from "react";
import { Button as AriaButton, Dialog, Modal, ModalOverlay } from "react-aria-components";
import { useEngine } from "../../app/engine.tsx";
import { useMessages } from "../../messages/messages.tsx";
import { IconButton } from "../../ui/button.tsx";
import classes from "./attachments.module.css";
import { pictureOf, type Picture } from "./pictures.ts";

/** A picture of this page's own, and what it is. */
interface Shown {
  readonly url: string;
  readonly picture: Picture;
}

/** A picture that came with a message, small; choosing it shows it large. */
export function PicturePreview({
  messageId,
  attachment,
  name,
  onDownload,
}: {
  readonly messageId: Hex32;
  readonly attachment: InboxAttachment;
  readonly name: string;
  readonly onDownload: () => void;
}): ReactNode {
  const { reading, common } = useMessages();
  const shown = usePicture(messageId, attachment.index);
  const [large, setLarge] = useState(false);
  const [broken, setBroken] = useState(false);
  if (shown === "none" || broken) return <p className={classes["note"]}>{reading.noPicture}</p>;
  if (shown === null) return <div className={classes["coming"]} aria-hidden="true" />;
  const { url, picture } = shown;
  return (
    <>
      <AriaButton className={classes["preview"] ?? ""} aria-label={reading.preview(name)} onPress={() => setLarge(true)}>
        <img src={url} alt="" width={picture.width} height={picture.height} decoding="async" onError={() => setBroken(true)} />
      </AriaButton>
      <ModalOverlay isOpen={large} onOpenChange={setLarge} isDismissable className={classes["overlay"] ?? ""}>
        <Modal className={classes["modal"] ?? ""}>
          <Dialog aria-label={name} className={classes["large"] ?? ""}>
            <header className={classes["bar"]}>
              <span className={classes["title"]}>{name}</span>
              <span className={classes["tools"]}>
                <IconButton icon="download" label={reading.download(name)} onPress={onDownload} />
                <IconButton icon="close" label={common.close} onPress={() => setLarge(false)} />
              </span>
            </header>
            <img src={url} alt={name} width={picture.width} height={picture.height} />
          </Dialog>
        </Modal>
      </ModalOverlay>
    </>
  );
}

/** Fetches a picture; `none` where it is none that may be shown. What it says of itself counts for nothing, its bytes decide. */
function usePicture(messageId: Hex32, index: number): Shown | "none" | null {
  const engine = useEngine();
  const [shown, setShown] = useState<Shown | "none" | null>(null);
  useEffect(() => {
    const stop = new AbortController();
    let url: string | null = null;
    async function load(): Promise<void> {
      const file = await engine.call("inbox.attachment", [messageId, index, "application/octet-stream"], { signal: stop.signal });
      const picture = await pictureOf(file);
      if (stop.signal.aborted) return;
      if (picture === null) return setShown("none");
      url = URL.createObjectURL(new Blob([file], { type: picture.type }));
      setShown({ url, picture });
    }
    load().catch(() => {
      if (!stop.signal.aborted) setShown("none");
    });
    return () => {
      stop.abort();
      if (url !== null) URL.revokeObjectURL(url);
    };
  }, [engine, messageId, index]);
  return shown;
}
