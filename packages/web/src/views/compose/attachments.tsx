import type { ReactNode } from "react";
import { useDates } from "../../app/dates.ts";
import type { AttachedFile } from "../../engine/calls/writing.ts";
import { useMessages } from "../../messages/messages.tsx";
import { IconButton } from "../../ui/button.tsx";
import { Icon } from "../../ui/icon.tsx";
import classes from "./attachments.module.css";
import { usePicture } from "./use-picture.ts";

/** How it is with files that come to the mailbox. */
export interface ComingFiles {
  /** Keys of those whose bytes are there. */
  readonly there: ReadonlySet<string>;
  /** How far the others are, by key, from 0 to 1. */
  readonly done: ReadonlyMap<string, number>;
}

/** Files that are attached, with pictures as they look. */
export function Attachments({
  files,
  coming,
  onRemove,
}: {
  readonly files: readonly AttachedFile[];
  /** Null where nobody waits for that. */
  readonly coming: ComingFiles | null;
  readonly onRemove: (file: AttachedFile) => void;
}): ReactNode {
  const { attachments } = useMessages().compose;
  if (files.length === 0) return null;
  return (
    <ul className={classes["list"]} aria-label={attachments.title}>
      {files.map((file) => {
        const waits = coming !== null && file.content !== null && !coming.there.has(file.key);
        return (
          <Attachment key={file.key} file={file} done={waits ? (coming.done.get(file.key) ?? 0) : null} onRemove={() => onRemove(file)} />
        );
      })}
    </ul>
  );
}

function Attachment({
  file,
  done,
  onRemove,
}: {
  readonly file: AttachedFile;
  /** Null where it is there. */
  readonly done: number | null;
  readonly onRemove: () => void;
}): ReactNode {
  const { attachments } = useMessages().compose;
  const { size, percent } = useDates();
  const picture = usePicture(file);
  const { name } = file;
  return (
    <li className={classes["file"]}>
      {picture === null ? (
        <span className={classes["icon"]}>
          <Icon name={file.mediaType.startsWith("image/") ? "image" : "file"} />
        </span>
      ) : (
        <img className={classes["picture"]} src={picture} alt={attachments.preview(name)} />
      )}
      <span className={classes["words"]}>
        <span className={classes["name"]}>{name}</span>
        <span className={classes["size"]}>{done === null ? size(file.size) : attachments.saving(percent(done), size(file.size))}</span>
      </span>
      {done === null ? null : (
        <span
          className={classes["waits"]}
          role="progressbar"
          aria-label={attachments.coming(name)}
          aria-valuemin={0}
          aria-valuemax={100}
          aria-valuenow={Math.round(done * 100)}
        >
          <span className={classes["done"]} style={{ width: `${done * 100}%` }} />
        </span>
      )}
      <IconButton icon="close" label={done === null ? attachments.remove(name) : attachments.stop(name)} onPress={onRemove} />
    </li>
  );
}
