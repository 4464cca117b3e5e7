import type { ReactNode } from "react";
import { Label, Meter as AriaMeter } from "react-aria-components";
import classes from "./meter.module.css";

/** Share from which on something is nearly full. */
const NEARLY = 0.9;

/** How much of something is taken, from 0 to 1; what that means stands beside it as text. */
export function Meter({ label, text, value }: { readonly label: string; readonly text: string; readonly value: number }): ReactNode {
  const share = Math.min(1, Math.max(0, value));
  return (
    <AriaMeter value={share * 100} valueLabel={text} className={classes["meter"] ?? ""}>
      <Label className="visually-hidden">{label}</Label>
      <span className={classes["text"]} aria-hidden="true">
        {text}
      </span>
      <span className={classes["track"]}>
        <span className={`${classes["bar"]} ${share >= NEARLY ? classes["full"] : ""}`} style={{ width: `${share * 100}%` }} />
      </span>
    </AriaMeter>
  );
}
