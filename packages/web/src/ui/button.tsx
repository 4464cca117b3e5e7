import { useEffect, useRef, useState, type ReactNode, type RefObject } from "react";
import classes from "./button.module.css";
import { Icon, type IconName } from "./icon.tsx";
import { Pressable, type PressableProps } from "./press.tsx";
import { Tip } from "./tip.tsx";

/** How long somebody points at an icon before its label is shown, milliseconds. */
const PATIENCE = 500;

/** How much a button matters. */
export type ButtonKind = "primary" | "secondary" | "quiet" | "danger";

/** A button with words. */
export function Button({
  kind = "secondary",
  icon,
  wide = false,
  children,
  ...rest
}: Omit<PressableProps, "children"> & {
  readonly kind?: ButtonKind;
  readonly icon?: IconName;
  readonly wide?: boolean;
  readonly children: ReactNode;
}): ReactNode {
  return (
    <Pressable {...rest} className={`${classes["button"]} ${classes[kind]} ${wide ? classes["wide"] : ""}`}>
      {icon === undefined ? null : <Icon name={icon} size={18} />}
      {children}
    </Pressable>
  );
}

/** A button that is an icon; its label is read out, and shown to who points at it. */
export function IconButton({
  icon,
  label,
  filled = false,
  pressed,
  buttonRef,
  onPress,
  ...rest
}: Omit<PressableProps, "children" | "aria-label"> & {
  readonly icon: IconName;
  readonly label: string;
  readonly filled?: boolean;
  /** For what is on or off. */
  readonly pressed?: boolean;
  readonly buttonRef?: RefObject<HTMLButtonElement | null>;
}): ReactNode {
  const own = useRef<HTMLButtonElement>(null);
  const button = buttonRef ?? own;
  const tip = useTip();
  return (
    <>
      <Pressable
        {...rest}
        ref={button}
        aria-label={label}
        {...(pressed === undefined ? {} : { "aria-pressed": pressed })}
        className={`${classes["button"]} ${classes["icon"]} ${icon === "star" ? classes["star"] : ""}`}
        onPress={(press) => {
          tip.hide();
          onPress?.(press);
        }}
        onPointerEnter={({ pointerType }) => (pointerType === "touch" ? undefined : tip.showIn(PATIENCE))}
        onPointerLeave={tip.hide}
        onFocus={({ currentTarget }) => (currentTarget.matches(":focus-visible") ? tip.showIn(0) : undefined)}
        onBlur={tip.hide}
      >
        <Icon name={icon} filled={filled} />
      </Pressable>
      {tip.isShown ? (
        <Tip of={button} onClose={tip.hide}>
          {label}
        </Tip>
      ) : null}
    </>
  );
}

function useTip(): { readonly isShown: boolean; readonly showIn: (milliseconds: number) => void; readonly hide: () => void } {
  const [isShown, setShown] = useState(false);
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined);
  useEffect(() => () => clearTimeout(timer.current), []);
  return {
    isShown,
    showIn: (milliseconds) => {
      clearTimeout(timer.current);
      timer.current = setTimeout(() => setShown(true), milliseconds);
    },
    hide: () => {
      clearTimeout(timer.current);
      setShown(false);
    },
  };
}
