import type { ReactNode } from "react";
import { Label, Radio, RadioGroup } from "react-aria-components";
import classes from "./radios.module.css";

/** One of the things to choose from. */
export interface RadioOption<Value extends string> {
  readonly value: Value;
  readonly label: string;
  readonly text?: string;
}

/** A choice of one among a few that stand all in sight, each with a word on what it means. */
export function Radios<Value extends string>({
  label,
  hideLabel = false,
  value,
  options,
  onChange,
}: {
  readonly label: string;
  /** Where the same stands above it. */
  readonly hideLabel?: boolean;
  readonly value: Value;
  readonly options: readonly RadioOption<Value>[];
  readonly onChange: (value: Value) => void;
}): ReactNode {
  return (
    <RadioGroup
      className={classes["group"] ?? ""}
      value={value}
      onChange={(chosen) => {
        const option = options.find((each) => each.value === chosen);
        if (option !== undefined) onChange(option.value);
      }}
    >
      <Label className={hideLabel ? "visually-hidden" : (classes["label"] ?? "")}>{label}</Label>
      {options.map((each) => (
        <Radio key={each.value} value={each.value} className={classes["option"] ?? ""}>
          <span className={classes["dot"]} aria-hidden="true" />
          <span className={classes["words"]}>
            <span className={classes["name"]}>{each.label}</span>
            {each.text === undefined ? null : <span className={classes["text"]}>{each.text}</span>}
          </span>
        </Radio>
      ))}
    </RadioGroup>
  );
}
