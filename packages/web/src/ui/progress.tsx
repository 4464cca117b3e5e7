import { useId, type ReactNode } from "react";
import classes from "./progress.module.css";

/** How far something is, from 0 to 1; null where nobody knows. `isQuiet`: what it is stands beside it already, and is only said. */
export function Progress({
  label,
  value,
  isQuiet = false,
}: {
  readonly label: string;
  readonly value: number | null;
  readonly isQuiet?: boolean;
}): ReactNode {
  const id = useId();
  const share = value === null ? null : Math.min(1, Math.max(0, value)) * 100;
  return (
    <div
      role="progressbar"
      aria-labelledby={id}
      aria-valuemin={0}
      aria-valuemax={100}
      {...(share === null ? {} : { "aria-valuenow": share, "aria-valuetext": `${Math.round(share)} %` })}
      className={classes["progress"]}
    >
      <span id={id} className={isQuiet ? "visually-hidden" : classes["label"]}>
        {label}
      </span>
      <span className={classes["track"]}>
        <span
          className={`${classes["bar"]} ${share === null ? classes["unknown"] : ""}`}
          style={share === null ? {} : { width: `${share}%` }}
        />
      </span>
    </div>
  );
}
