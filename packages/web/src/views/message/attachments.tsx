import type { InboxAttachment, InboxMessage } from "@smimp/client";
import type { Hex32 } from "@smimp/protocol";
import { useRef, useState, type ReactNode } from "react";
import { useDates } from "../../app/dates.ts";
import { asEngineError, useEngine } from "../../app/engine.tsx";
import { useMessages } from "../../messages/messages.tsx";
import { IconButton } from "../../ui/button.tsx";
import { Icon } from "../../ui/icon.tsx";
import { Progress } from "../../ui/progress.tsx";
import { toast } from "../../ui/toasts.tsx";
import classes from "./attachments.module.css";
import { saveFile } from "./download.ts";
import { isProgram, safeFileName } from "./file-names.ts";
import { PicturePreview } from "./picture-preview.tsx";
import { mayBePicture } from "./pictures.ts";

/** Bytes of a picture that is shown without being asked for. */
const SHOWN_AT_ONCE = 2_000_000;
/** Pictures that are shown without being asked for. */
const MOST_AT_ONCE = 12;

/** What is attached to a message. */
export function Attachments({
  message: { messageId, attachments },
}: {
  readonly message: Pick<InboxMessage, "messageId" | "attachments">;
}): ReactNode {
  const { reading } = useMessages();
  if (attachments.length === 0) return null;
  return (
    <section className={classes["attachments"]} aria-label={reading.attachments(attachments.length)}>
      <p className={classes["count"]}>
        <Icon name="attach" size={16} /> {reading.attachments(attachments.length)}
      </p>
      <ul className={classes["list"]}>
        {attachments.map((attachment, position) => (
          <li key={attachment.index}>
            <OneAttachment
              messageId={messageId}
              attachment={attachment}
              atOnce={position < MOST_AT_ONCE && attachment.size <= SHOWN_AT_ONCE}
            />
          </li>
        ))}
      </ul>
    </section>
  );
}

function OneAttachment({
  messageId,
  attachment,
  atOnce,
}: {
  readonly messageId: Hex32;
  readonly attachment: InboxAttachment;
  readonly atOnce: boolean;
}): ReactNode {
  const { reading } = useMessages();
  const { size } = useDates();
  const engine = useEngine();
  const [progress, setProgress] = useState<number | null>(null);
  const [wanted, setWanted] = useState(atOnce);
  const stop = useRef<AbortController | null>(null);
  const name = safeFileName(attachment.name, reading.nameless);
  const isPicture = mayBePicture(attachment);

  async function download(): Promise<void> {
    const control = new AbortController();
    stop.current = control;
    setProgress(0);
    try {
      const file = await engine.call("inbox.attachment", [messageId, attachment.index, "application/octet-stream"], {
        signal: control.signal,
        onProgress: ({ done, total }) => setProgress(total === 0 ? 0 : done / total),
      });
      saveFile(file, name);
    } catch (error) {
      if (control.signal.aborted) return;
      const isBroken = asEngineError(error).code === "decryption_failed";
      toast({ text: isBroken ? reading.downloadBroken(name) : reading.downloadFailed(name), tone: "error" });
    } finally {
      setProgress(null);
    }
  }

  return (
    <div className={classes["attachment"]}>
      {isPicture && wanted ? (
        <PicturePreview
          messageId={messageId}
          attachment={attachment}
          name={name}
          // Whoever presses twice is served once.
          onDownload={() => (progress === null ? void download() : undefined)}
        />
      ) : null}
      <div className={classes["row"]}>
        <span className={classes["icon"]}>
          <Icon name={isPicture ? "image" : "file"} />
        </span>
        <span className={classes["name"]}>
          <span className={classes["title"]} title={name}>
            {name}
          </span>
          {/* It takes the place of the size: nothing moves away under the pointer. */}
          {progress === null ? (
            <span className={classes["size"]}>{size(attachment.size)}</span>
          ) : (
            <span className={classes["progress"]}>
              <Progress label={reading.downloading(name)} value={progress} isQuiet />
            </span>
          )}
        </span>
        {isPicture && !wanted ? <IconButton icon="image" label={reading.preview(name)} onPress={() => setWanted(true)} /> : null}
        {progress === null ? (
          <IconButton icon="download" label={reading.download(name)} onPress={() => void download()} />
        ) : (
          <IconButton icon="close" label={reading.stop} onPress={() => stop.current?.abort()} />
        )}
      </div>
      {isProgram(name) ? <p className={classes["warning"]}>{reading.program}</p> : null}
    </div>
  );
}
