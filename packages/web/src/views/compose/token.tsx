import type { ReactNode } from "react";
import { useMessages } from "../../messages/messages.tsx";
import { Icon } from "../../ui/icon.tsx";
import classes from "./recipients.module.css";
import type { Standing } from "./use-standings.ts";

/** Somebody whom a message goes to. The arrow keys go from one to the next, Delete takes one away. */
export function Token({
  name,
  title,
  standing,
  onRemove,
  onLeave,
}: {
  readonly name: string;
  readonly title: string;
  readonly standing: Standing | "invalid";
  readonly onRemove: () => void;
  readonly onLeave: (step: 1 | -1) => void;
}): ReactNode {
  const { recipients } = useMessages().compose;
  const tone = { invalid: "wrong", unknown: "wrong", disputed: "wrong", problem: "doubtful", unreachable: "doubtful" }[
    standing as "invalid"
  ];
  return (
    <li className={`${classes["token"]} ${tone === undefined ? "" : classes[tone]}`} title={title}>
      <span className={classes["tokenName"]}>{name}</span>
      <button
        type="button"
        tabIndex={-1}
        className={classes["remove"]}
        aria-label={recipients.remove(name)}
        onClick={onRemove}
        onKeyDown={(event) => {
          const { key } = event;
          if (key === "ArrowLeft") onLeave(-1);
          else if (key === "ArrowRight") onLeave(1);
          else if (key === "Backspace" || key === "Delete") onRemove();
          else return;
          event.preventDefault();
          event.stopPropagation();
        }}
      >
        <Icon name="close" size={14} />
      </button>
    </li>
  );
}
