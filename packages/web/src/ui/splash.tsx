import type { ReactNode } from "react";
import classes from "./splash.module.css";
import { Mark } from "./mark.tsx";

/** What stands there until there is something to show. */
export function Splash(): ReactNode {
  return (
    <div className={classes["splash"]} role="status" aria-busy="true" aria-label="SMIMP">
      <Mark size={56} />
    </div>
  );
}
