import type { ReactNode } from "react";
import classes from "./empty.module.css";
import { Icon, type IconName } from "./icon.tsx";

/** What stands where nothing is: what would be here, and what one can do. */
export function Empty({
  icon,
  title,
  text,
  children,
}: {
  readonly icon: IconName;
  readonly title: string;
  readonly text?: string;
  readonly children?: ReactNode;
}): ReactNode {
  return (
    <div className={classes["empty"]}>
      <span className={classes["icon"]}>
        <Icon name={icon} size={30} />
      </span>
      <p className={classes["title"]}>{title}</p>
      {text === undefined ? null : <p className={classes["text"]}>{text}</p>}
      {children}
    </div>
  );
}
