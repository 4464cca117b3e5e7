import { useId, type ReactNode } from "react";
import { Switch as AriaSwitch } from "react-aria-components";
import classes from "./switch.module.css";

/** Something that is on or off, at once. */
export function Switch({
  label,
  text,
  isOn,
  isDisabled = false,
  onChange,
}: {
  readonly label: string;
  /** What it means. */
  readonly text?: string;
  readonly isOn: boolean;
  readonly isDisabled?: boolean;
  readonly onChange: (isOn: boolean) => void;
}): ReactNode {
  const id = useId();
  return (
    <div className={classes["field"]}>
      <AriaSwitch
        isSelected={isOn}
        isDisabled={isDisabled}
        onChange={onChange}
        className={classes["switch"] ?? ""}
        {...(text === undefined ? {} : { "aria-describedby": id })}
      >
        <span className={classes["label"]}>{label}</span>
        <span className={classes["track"]} aria-hidden="true">
          <span className={classes["knob"]} />
        </span>
      </AriaSwitch>
      {text === undefined ? null : (
        <p id={id} className={classes["text"]}>
          {text}
        </p>
      )}
    </div>
  );
}
