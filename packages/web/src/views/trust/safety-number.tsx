import type { ReactNode } from "react";
import classes from "./safety-number.module.css";

/** Digits of a group: what one says in one breath. */
const GROUP = 5;

/** The 60 digits in groups of five, large. Screen readers say them digit by digit. */
export function SafetyNumber({ digits, label }: { readonly digits: string; readonly label: string }): ReactNode {
  const groups = digits.match(new RegExp(`\\d{1,${GROUP}}`, "g")) ?? [];
  return (
    <ol className={classes["number"]} aria-label={label}>
      {groups.map((group, index) => (
        // oxlint-disable-next-line react/no-array-index-key -- two groups may be the same; their places are what tells them apart
        <li key={`${index} ${group}`}>
          <span aria-hidden="true">{group}</span>
          <span className="visually-hidden">{Array.from(group).join(" ")}</span>
        </li>
      ))}
    </ol>
  );
}
