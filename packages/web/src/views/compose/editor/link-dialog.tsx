import { useState, type ReactNode } from "react";
import { useMessages } from "../../../messages/messages.tsx";
import { Button } from "../../../ui/button.tsx";
import { Dialog, DialogButtons } from "../../../ui/dialog.tsx";
import { Field } from "../../../ui/field.tsx";
import classes from "./rich-text.module.css";
import { safeHref } from "./schema.ts";

/** Asks where a link leads. */
export function LinkDialog({
  href,
  wantsText,
  onSet,
  onClose,
}: {
  /** Where it leads so far; empty where there is none. */
  readonly href: string;
  /** Nothing is selected that it could stand on. */
  readonly wantsText: boolean;
  readonly onSet: (href: string | null, text: string) => void;
  readonly onClose: () => void;
}): ReactNode {
  const { common, compose } = useMessages();
  const [typed, setTyped] = useState(href);
  const [text, setText] = useState("");
  const [wrong, setWrong] = useState(false);
  const set = (): void => {
    // Nobody types what every address begins with.
    const whole = /^[a-z][a-z0-9+.-]*:/i.test(typed.trim()) ? typed : `https://${typed.trim()}`;
    const safe = typed.trim() === "" ? null : safeHref(whole);
    if (safe === null) setWrong(true);
    else onSet(safe, text.trim());
  };
  return (
    <Dialog title={compose.link.title} isOpen onClose={onClose}>
      <form
        className={classes["link"]}
        onSubmit={(event) => {
          event.preventDefault();
          set();
        }}
      >
        <Field
          label={compose.link.address}
          type="url"
          value={typed}
          onChange={(next) => {
            setTyped(next);
            setWrong(false);
          }}
          error={wrong ? compose.link.wrong : null}
          placeholder="https://"
          autoCapitalize="none"
          autoFocus
        />
        {wantsText ? <Field label={compose.link.text} value={text} onChange={setText} /> : null}
        <DialogButtons>
          {href === "" ? null : <Button onPress={() => onSet(null, "")}>{compose.link.remove}</Button>}
          <Button onPress={onClose}>{common.cancel}</Button>
          <Button kind="primary" type="submit">
            {compose.link.set}
          </Button>
        </DialogButtons>
      </form>
    </Dialog>
  );
}
