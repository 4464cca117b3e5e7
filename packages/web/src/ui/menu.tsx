import type { ReactNode } from "react";
import { Menu as AriaMenu, MenuItem as AriaMenuItem, MenuTrigger, Popover, Separator } from "react-aria-components";
import { IconButton } from "./button.tsx";
import { Icon, type IconName } from "./icon.tsx";
import classes from "./menu.module.css";

/** One thing that can be done. */
export interface MenuAction {
  readonly id: string;
  readonly label: string;
  readonly icon?: IconName;
  readonly danger?: boolean;
  /** A line is drawn above it. */
  readonly apart?: boolean;
  readonly run: () => void;
}

/** A button that opens a list of things to do. */
export function ActionMenu({
  label,
  icon = "more",
  actions,
}: {
  readonly label: string;
  readonly icon?: IconName;
  readonly actions: readonly MenuAction[];
}): ReactNode {
  return (
    <MenuTrigger>
      <IconButton icon={icon} label={label} />
      <Popover className={classes["popover"] ?? ""} placement="bottom end">
        <AriaMenu className={classes["menu"] ?? ""} aria-label={label} onAction={(id) => actions.find((each) => each.id === id)?.run()}>
          {actions.flatMap((each) => [
            ...(each.apart === true ? [<Separator key={`${each.id} line`} className={classes["line"] ?? ""} />] : []),
            <AriaMenuItem
              key={each.id}
              id={each.id}
              textValue={each.label}
              className={`${classes["item"]} ${each.danger === true ? classes["danger"] : ""}`}
            >
              {each.icon === undefined ? null : <Icon name={each.icon} size={18} />}
              {each.label}
            </AriaMenuItem>,
          ])}
        </AriaMenu>
      </Popover>
    </MenuTrigger>
  );
}
