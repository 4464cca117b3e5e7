import type { ReactNode } from "react";
import { useDates } from "../../app/dates.ts";
import type { AttachedFile } from "../../engine/calls/writing.ts";
import { useMessages } from "../../messages/messages.tsx";
import { IconButton } from "../../ui/button.tsx";
import { Icon } from "../../ui/icon.tsx";
import classes from "./attachments.module.css";
import { usePicture } from "./use-picture.ts";

/** Files that are attached, with pictures as they look. */
export function Attachments({
  files,
  kept,
  onRemove,
}: {
  readonly files: readonly AttachedFile[];
  /** Keys of those whose bytes are in the mailbox; null where nobody waits for that. */
  readonly kept: ReadonlySet<string> | null;
  readonly onRemove: (file: AttachedFile) => void;
}): ReactNode {
  const { attachments } = useMessages().compose;
  if (files.length === 0) return null;
  return (
    <ul className={classes["list"]} aria-label={attachments.title}>
      {files.map((file) => (
        <Attachment
          key={file.key}
          file={file}
          waits={kept !== null && file.content !== null && !kept.has(file.key)}
          onRemove={() => onRemove(file)}
        />
      ))}
    </ul>
  );
}

function Attachment({
  file,
  waits,
  onRemove,
}: {
  readonly file: AttachedFile;
  readonly waits: boolean;
  readonly onRemove: () => void;
}): ReactNode {
  const { attachments } = useMessages().compose;
  const { size } = useDates();
  const picture = usePicture(file);
  return (
    <li className={classes["file"]}>
      {picture === null ? (
        <span className={classes["icon"]}>
          <Icon name={file.mediaType.startsWith("image/") ? "image" : "file"} />
        </span>
      ) : (
        <img className={classes["picture"]} src={picture} alt={attachments.preview(file.name)} />
      )}
      <span className={classes["words"]}>
        <span className={classes["name"]}>{file.name}</span>
        <span className={classes["size"]}>{waits ? attachments.saving(file.name) : size(file.size)}</span>
      </span>
      {waits ? <span className={classes["waits"]} aria-hidden="true" /> : null}
      <IconButton icon="close" label={attachments.remove(file.name)} onPress={onRemove} />
    </li>
  );
}
