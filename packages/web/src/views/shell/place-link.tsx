import { useState, type ReactNode } from "react";
import { hrefOf, type Place } from "../../app/places.ts";
import { Icon, type IconName } from "../../ui/icon.tsx";
import { droppedThreads, isThreadDrag } from "../mailbox/dragging.ts";
import type { Targets } from "../mailbox/threads.ts";
import classes from "./navigation.module.css";

/** A way to a place. Where messages may be dropped on it, it shows so while they are over it. */
export function PlaceLink({
  to,
  icon,
  name,
  isHere,
  count = 0,
  told = "",
  depth = 0,
  onDrop,
  onGo,
  children,
}: {
  readonly to: Place;
  readonly icon: IconName;
  readonly name: string;
  readonly isHere: boolean;
  readonly count?: number;
  /** What the count means. */
  readonly told?: string;
  readonly depth?: number;
  readonly onDrop?: (targets: Targets) => void;
  readonly onGo?: () => void;
  /** What else can be done with the place. */
  readonly children?: ReactNode;
}): ReactNode {
  const [over, setOver] = useState(false);
  return (
    <li className={`${classes["place"]} ${isHere ? classes["here"] : ""} ${over ? classes["over"] : ""}`}>
      <a
        href={hrefOf(to)}
        onDragOver={(event) => {
          if (onDrop === undefined || !isThreadDrag(event)) return;
          event.preventDefault();
          event.dataTransfer.dropEffect = "move";
          setOver(true);
        }}
        onDragLeave={() => setOver(false)}
        onDrop={(event) => {
          setOver(false);
          const targets = droppedThreads();
          if (onDrop === undefined || targets === null) return;
          event.preventDefault();
          onDrop(targets);
        }}
        className={classes["link"]}
        style={{ paddingInlineStart: `${0.75 + depth}rem` }}
        {...(isHere ? { "aria-current": "page" as const } : {})}
        {...(onGo === undefined ? {} : { onClick: onGo })}
      >
        <Icon name={icon} />
        <span className={classes["name"]}>
          <bdi>{name}</bdi>
        </span>
        {count === 0 ? null : (
          <>
            <span className={classes["count"]} aria-hidden="true">
              {count > 9_999 ? "9999+" : count}
            </span>
            <span className="visually-hidden">, {told}</span>
          </>
        )}
      </a>
      {children}
    </li>
  );
}
