import type { ReactNode, RefObject } from "react";
import { Menu, MenuItem, Popover, Separator } from "react-aria-components";
import { Icon } from "./icon.tsx";
import classes from "./menu.module.css";
import type { MenuAction } from "./menu.tsx";

/** The list that a menu's button opens. */
export function MenuList({
  of,
  label,
  begin,
  actions,
  onClose,
}: {
  readonly of: RefObject<HTMLElement | null>;
  readonly label: string;
  readonly begin: "first" | "last";
  readonly actions: readonly MenuAction[];
  readonly onClose: () => void;
}): ReactNode {
  return (
    <Popover
      trigger="MenuTrigger"
      triggerRef={of}
      isOpen
      onOpenChange={(open) => (open ? undefined : onClose())}
      className={classes["popover"] ?? ""}
      placement="bottom end"
    >
      <Menu
        className={classes["menu"] ?? ""}
        aria-label={label}
        autoFocus={begin}
        onClose={onClose}
        onAction={(id) => actions.find((each) => each.id === id)?.run()}
      >
        {actions.flatMap((each) => [
          ...(each.apart === true ? [<Separator key={`${each.id} line`} className={classes["line"] ?? ""} />] : []),
          <MenuItem
            key={each.id}
            id={each.id}
            textValue={each.label}
            className={`${classes["item"]} ${each.danger === true ? classes["danger"] : ""}`}
          >
            {each.icon === undefined ? null : <Icon name={each.icon} size={18} />}
            {each.label}
          </MenuItem>,
        ])}
      </Menu>
    </Popover>
  );
}
