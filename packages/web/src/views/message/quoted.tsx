import { useEffect, useState, type ReactNode } from "react";
import { flushSync } from "react-dom";
import { useMessages } from "../../messages/messages.tsx";
import { Icon } from "../../ui/icon.tsx";
import { Pressable } from "../../ui/press.tsx";
import classes from "./markdown.module.css";

/** What a message quotes at its end: there for who wants it. */
export function Quoted({ children }: { readonly children: ReactNode }): ReactNode {
  const { reading } = useMessages();
  const [open, setOpen] = useState(false);
  useEffect(() => {
    // On paper nobody can ask for it.
    const show = (): void => flushSync(() => setOpen(true));
    addEventListener("beforeprint", show);
    return () => removeEventListener("beforeprint", show);
  }, []);
  return (
    <>
      <Pressable
        className={classes["more"] ?? ""}
        aria-expanded={open}
        aria-label={open ? reading.hideQuoted : reading.quoted}
        onPress={() => setOpen(!open)}
      >
        <Icon name="more" size={18} />
      </Pressable>
      {open ? children : null}
    </>
  );
}
