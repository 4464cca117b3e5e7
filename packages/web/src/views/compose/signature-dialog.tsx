import { useRef, useState, type ReactNode } from "react";
import { useEngine, useLive } from "../../app/engine.tsx";
import { useMessages } from "../../messages/messages.tsx";
import { Button } from "../../ui/button.tsx";
import { Dialog, DialogButtons } from "../../ui/dialog.tsx";
import { faultText } from "../../ui/fault.ts";
import { fromMarkdown } from "./editor/from-markdown.ts";
import { RichText, type RichTextHandle } from "./editor/rich-text.tsx";
import { toMarkdown } from "./editor/to-markdown.ts";
import classes from "./signature-dialog.module.css";

/** Writes the text that messages end with. */
export function SignatureDialog({ onClose }: { readonly onClose: () => void }): ReactNode {
  const messages = useMessages();
  const { compose, common } = messages;
  const { signature } = compose;
  const engine = useEngine();
  const { data, error } = useLive("signature.get", [], []);
  const text = useRef<RichTextHandle>(null);
  const [failed, setFailed] = useState(false);
  const save = (): void => {
    // What could not be read is not written over.
    if (text.current === null) return;
    const written = toMarkdown(text.current.doc());
    engine.call("signature.set", [written === "" ? null : written]).then(onClose, () => setFailed(true));
  };
  return (
    <Dialog title={signature.title} isOpen onClose={onClose} width="wide">
      <p>{signature.text}</p>
      <div className={classes["text"]}>
        {data === undefined ? null : (
          <RichText
            ref={text}
            initial={fromMarkdown(data ?? "")}
            label={signature.body}
            placeholder={signature.here}
            autoFocus
            onChange={() => setFailed(false)}
          />
        )}
      </div>
      {data === undefined && error !== null ? <p role="alert">{faultText(messages, error)}</p> : null}
      {failed ? <p role="alert">{signature.failed}</p> : null}
      <DialogButtons>
        <Button onPress={onClose}>{common.cancel}</Button>
        <Button kind="primary" onPress={save} isDisabled={data === undefined}>
          {common.save}
        </Button>
      </DialogButtons>
    </Dialog>
  );
}
