import { useEffect, useLayoutEffect, useRef, type ReactNode, type RefObject } from "react";
import { createPortal } from "react-dom";
import classes from "./tip.module.css";

/** Between an icon and its label, and between that and the window's edge, pixels. */
const GAP = 6;

/** What an icon means, beside it. For the eye alone: it is the icon's own name. Escape takes it away. */
export function Tip({
  of,
  onClose,
  children,
}: {
  readonly of: RefObject<HTMLElement | null>;
  readonly onClose: () => void;
  readonly children: string;
}): ReactNode {
  const tip = useRef<HTMLSpanElement>(null);
  useLayoutEffect(() => {
    const [icon, own] = [of.current?.getBoundingClientRect(), tip.current];
    if (icon === undefined || own === null) return;
    const { width, height } = own.getBoundingClientRect();
    const below = icon.bottom + GAP;
    const left = Math.min(innerWidth - width - GAP, icon.left + (icon.width - width) / 2);
    own.style.left = `${Math.max(GAP, left)}px`;
    own.style.top = `${below + height > innerHeight ? icon.top - height - GAP : below}px`;
  }, [of, children]);
  useEffect(() => {
    const press = ({ key }: KeyboardEvent): void => (key === "Escape" ? onClose() : undefined);
    document.addEventListener("keydown", press, true);
    return () => document.removeEventListener("keydown", press, true);
  });
  return createPortal(
    <span ref={tip} className={classes["tip"]} aria-hidden="true">
      {children}
    </span>,
    document.body,
  );
}
