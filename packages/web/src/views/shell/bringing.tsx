import type { ReactNode } from "react";
import { useDates } from "../../app/dates.ts";
import { useEngineState } from "../../app/engine.tsx";
import { useMessages } from "../../messages/messages.tsx";
import { Progress } from "../../ui/progress.tsx";
import classes from "./connection.module.css";

/** Messages from which on it takes long enough to be told. */
const MANY = 1_000;

/** Says that a large mailbox is coming to a browser that is new to it. How much there is nobody knows before its end. */
export function Bringing(): ReactNode {
  const { shell } = useMessages();
  const { number } = useDates();
  const { listing } = useEngineState();
  if (listing === null || listing < MANY) return null;
  return (
    <div className={classes["bringing"]}>
      <Progress label={shell.bringing(number(listing))} value={null} />
    </div>
  );
}
