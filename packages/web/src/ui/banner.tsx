import type { ReactNode } from "react";
import classes from "./banner.module.css";
import { Icon, type IconName } from "./icon.tsx";

/** A word on the state of things, where it matters. Errors and warnings are read out at once. */
export function Banner({
  tone,
  icon,
  title,
  children,
}: {
  readonly tone: "info" | "warning" | "danger";
  readonly icon: IconName;
  readonly title: string;
  readonly children?: ReactNode;
}): ReactNode {
  return (
    <div className={`${classes["banner"]} ${classes[tone]}`} role={tone === "danger" ? "alert" : "status"}>
      <Icon name={icon} />
      <div className={classes["body"]}>
        <p className={classes["title"]}>{title}</p>
        {children}
      </div>
    </div>
  );
}
