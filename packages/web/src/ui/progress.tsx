import type { ReactNode } from "react";
import { Label, ProgressBar } from "react-aria-components";
import classes from "./progress.module.css";

/** How far something is, from 0 to 1; null where nobody knows. */
export function Progress({ label, value }: { readonly label: string; readonly value: number | null }): ReactNode {
  return (
    <ProgressBar
      {...(value === null ? { isIndeterminate: true } : { value: Math.min(1, value) * 100 })}
      className={classes["progress"] ?? ""}
    >
      <Label className={classes["label"] ?? ""}>{label}</Label>
      <span className={classes["track"]}>
        <span
          className={`${classes["bar"]} ${value === null ? classes["unknown"] : ""}`}
          style={value === null ? {} : { width: `${Math.min(1, value) * 100}%` }}
        />
      </span>
    </ProgressBar>
  );
}
