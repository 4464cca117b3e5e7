import { useRef, useState, type DragEvent, type ReactNode } from "react";
import { useMessages } from "../../messages/messages.tsx";
import { Icon } from "../../ui/icon.tsx";
import classes from "./drop-zone.module.css";

/** Takes files that are dropped anywhere on it. The keyboard's way is the button for files. */
export function DropZone({
  onFiles,
  children,
}: {
  readonly onFiles: (files: readonly File[]) => void;
  readonly children: ReactNode;
}): ReactNode {
  const { attachments } = useMessages().compose;
  const [over, setOver] = useState(false);
  const depth = useRef(0);
  const hasFiles = ({ dataTransfer }: DragEvent): boolean => dataTransfer.types.includes("Files");
  return (
    <div
      role="presentation"
      className={classes["zone"]}
      onDragEnter={(event) => {
        if (!hasFiles(event)) return;
        depth.current++;
        setOver(true);
      }}
      onDragLeave={(event) => {
        if (hasFiles(event) && --depth.current === 0) setOver(false);
      }}
      onDragOver={(event) => {
        if (hasFiles(event)) event.preventDefault();
      }}
      onDropCapture={(event) => {
        if (!hasFiles(event)) return;
        // Before the text below makes something else of it.
        event.preventDefault();
        event.stopPropagation();
        depth.current = 0;
        setOver(false);
        onFiles([...event.dataTransfer.files]);
      }}
    >
      {children}
      {over ? (
        <div className={classes["over"]}>
          <Icon name="attach" size={30} />
          {attachments.drop}
        </div>
      ) : null}
    </div>
  );
}
