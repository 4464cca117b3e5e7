import { useId, type ReactNode } from "react";
import { Icon } from "./icon.tsx";
import classes from "./select.module.css";

/** One of the things to choose from. */
export interface SelectOption<Value extends string> {
  readonly value: Value;
  readonly label: string;
  /** In which language its label is, if not that of the page. */
  readonly lang?: string;
}

/** A choice of one among several, with the platform's own list. */
export function Select<Value extends string>({
  label,
  hideLabel = false,
  quiet = false,
  value,
  options,
  onChange,
  help,
}: {
  readonly label: string;
  readonly hideLabel?: boolean;
  /** Without a frame, where it stands beside something that has one. */
  readonly quiet?: boolean;
  readonly value: Value;
  readonly options: readonly SelectOption<Value>[];
  readonly onChange: (value: Value) => void;
  readonly help?: string;
}): ReactNode {
  const id = useId();
  return (
    <div className={classes["field"]}>
      <label htmlFor={id} className={hideLabel ? "visually-hidden" : classes["label"]}>
        {label}
      </label>
      <span className={`${classes["box"]} ${quiet ? classes["quiet"] : ""}`}>
        <select
          id={id}
          className={classes["select"]}
          value={value}
          onChange={({ target }) => {
            const chosen = options.find((each) => each.value === target.value);
            if (chosen !== undefined) onChange(chosen.value);
          }}
          {...(help === undefined ? {} : { "aria-describedby": `${id}-help` })}
        >
          {options.map((each) => (
            <option key={each.value} value={each.value} {...(each.lang === undefined ? {} : { lang: each.lang })}>
              {each.label}
            </option>
          ))}
        </select>
        <span className={classes["arrow"]}>
          <Icon name="chevron" size={16} />
        </span>
      </span>
      {help === undefined ? null : (
        <span id={`${id}-help`} className={classes["help"]}>
          {help}
        </span>
      )}
    </div>
  );
}
