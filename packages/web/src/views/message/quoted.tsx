import { useState, type ReactNode } from "react";
import { useMessages } from "../../messages/messages.tsx";
import { Icon } from "../../ui/icon.tsx";
import { Pressable } from "../../ui/press.tsx";
import classes from "./markdown.module.css";

/** What a message quotes at its end: there for who wants it. */
export function Quoted({ children }: { readonly children: ReactNode }): ReactNode {
  const { reading } = useMessages();
  const [open, setOpen] = useState(false);
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
