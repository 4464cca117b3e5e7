import type { ReactNode } from "react";
import { Button, Dialog, DialogTrigger, Menu, MenuItem, MenuTrigger, Popover } from "react-aria-components";
import { useMessages } from "../../messages/messages.tsx";
import { Icon } from "../../ui/icon.tsx";
import classes from "./chip.module.css";

/** A filter that is on or off. */
export function ToggleChip({
  label,
  isOn,
  onChange,
}: {
  readonly label: string;
  readonly isOn: boolean;
  readonly onChange: (isOn: boolean) => void;
}): ReactNode {
  return (
    <Button className={`${classes["chip"]} ${isOn ? classes["on"] : ""}`} aria-pressed={isOn} onPress={() => onChange(!isOn)}>
      {isOn ? <Icon name="check" size={16} /> : null}
      {label}
    </Button>
  );
}

/** A filter that is set to something: pressing it takes it away. */
export function SetChip({
  label,
  value,
  onRemove,
}: {
  readonly label: string;
  readonly value: string;
  readonly onRemove: () => void;
}): ReactNode {
  const { search } = useMessages();
  return (
    <Button className={`${classes["chip"]} ${classes["on"]}`} aria-label={search.filters.remove(`${label}: ${value}`)} onPress={onRemove}>
      <span>
        {label}: <bdi>{value}</bdi>
      </span>
      <Icon name="close" size={16} />
    </Button>
  );
}

/** A filter that is chosen from a list. */
export function MenuChip({
  label,
  options,
  empty,
  onChoose,
}: {
  readonly label: string;
  readonly options: readonly { readonly value: string; readonly label: string }[];
  /** What stands there where there is nothing to choose. */
  readonly empty?: string;
  readonly onChoose: (value: string) => void;
}): ReactNode {
  return (
    <MenuTrigger>
      <Button className={classes["chip"] ?? ""}>
        {label}
        <span className={classes["arrow"]}>
          <Icon name="chevron" size={14} />
        </span>
      </Button>
      <Popover className={classes["popover"] ?? ""} placement="bottom start">
        <Menu
          className={classes["menu"] ?? ""}
          aria-label={label}
          onAction={(value) => onChoose(String(value))}
          renderEmptyState={() => <p className={classes["empty"]}>{empty}</p>}
        >
          {options.map((each) => (
            <MenuItem key={each.value} id={each.value} textValue={each.label} className={classes["item"] ?? ""}>
              {each.label}
            </MenuItem>
          ))}
        </Menu>
      </Popover>
    </MenuTrigger>
  );
}

/** A filter for which something is filled in. */
export function FormChip({ label, children }: { readonly label: string; readonly children: (close: () => void) => ReactNode }): ReactNode {
  return (
    <DialogTrigger>
      <Button className={classes["chip"] ?? ""}>
        {label}
        <span className={classes["arrow"]}>
          <Icon name="chevron" size={14} />
        </span>
      </Button>
      <Popover className={classes["popover"] ?? ""} placement="bottom start">
        <Dialog className={classes["form"] ?? ""} aria-label={label}>
          {({ close }) => children(close)}
        </Dialog>
      </Popover>
    </DialogTrigger>
  );
}
