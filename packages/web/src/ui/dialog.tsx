import { lazy, type ReactNode } from "react";
import { Beside } from "./beside.tsx";
import classes from "./dialog.module.css";
import type { DialogProps } from "./dialog-frame.tsx";

const DialogFrame = lazy(async () => ({ default: (await import("./dialog-frame.tsx")).DialogFrame }));

/** A dialog over the page: focus stays in it, Escape closes it, and goes back to where it came from. */
export function Dialog({ isOpen, ...rest }: DialogProps & { readonly isOpen: boolean }): ReactNode {
  if (!isOpen) return null;
  return (
    <Beside>
      <DialogFrame {...rest} />
    </Beside>
  );
}

/** The row of buttons at a dialog's end. */
export function DialogButtons({ children }: { readonly children: ReactNode }): ReactNode {
  return <div className={classes["buttons"]}>{children}</div>;
}
