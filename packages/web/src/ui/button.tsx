import type { ReactNode } from "react";
import { Button as AriaButton, Tooltip, TooltipTrigger, type ButtonProps as AriaButtonProps } from "react-aria-components";
import classes from "./button.module.css";
import { Icon, type IconName } from "./icon.tsx";

/** How much a button matters. */
export type ButtonKind = "primary" | "secondary" | "quiet" | "danger";

/** A button with words. */
export function Button({
  kind = "secondary",
  icon,
  wide = false,
  children,
  ...rest
}: Omit<AriaButtonProps, "children" | "className"> & {
  readonly kind?: ButtonKind;
  readonly icon?: IconName;
  readonly wide?: boolean;
  readonly children: ReactNode;
}): ReactNode {
  return (
    <AriaButton {...rest} className={`${classes["button"]} ${classes[kind]} ${wide ? classes["wide"] : ""}`}>
      {icon === undefined ? null : <Icon name={icon} size={18} />}
      {children}
    </AriaButton>
  );
}

/** A button that is an icon; its label is read out, and shown to who points at it. */
export function IconButton({
  icon,
  label,
  filled = false,
  pressed,
  ...rest
}: Omit<AriaButtonProps, "children" | "className" | "aria-label"> & {
  readonly icon: IconName;
  readonly label: string;
  readonly filled?: boolean;
  /** For what is on or off. */
  readonly pressed?: boolean;
}): ReactNode {
  return (
    <TooltipTrigger delay={500}>
      <AriaButton
        {...rest}
        aria-label={label}
        {...(pressed === undefined ? {} : { "aria-pressed": pressed })}
        className={`${classes["button"]} ${classes["icon"]}`}
      >
        <Icon name={icon} filled={filled} />
      </AriaButton>
      <Tooltip className={classes["tooltip"] ?? ""} offset={6}>
        {label}
      </Tooltip>
    </TooltipTrigger>
  );
}
