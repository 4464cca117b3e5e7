import type { OutboxCopy } from "@smimp/client";
import type { ReactNode } from "react";
import { useDates } from "../../app/dates.ts";
import { useNames } from "../../app/names.ts";
import { hrefOf } from "../../app/places.ts";
import type { SendingStep } from "../../app/sending.ts";
import { useMessages } from "../../messages/messages.tsx";
import { Progress } from "../../ui/progress.tsx";
import { useConnected } from "./connected.ts";
import classes from "./outbox.module.css";
import { reasonText, stepText } from "./standing.ts";
import { workShown } from "./work.ts";

/** How it stands with one recipient. */
export function Copy({ copy, step }: { readonly copy: OutboxCopy; readonly step: SendingStep | undefined }): ReactNode {
  const messages = useMessages();
  const { outbox } = messages;
  const nameOf = useNames();
  const dates = useDates();
  const connected = useConnected();
  const { to, own, state, reason, nextAttemptAt } = copy;
  const who = own ? outbox.ownCopy : nameOf(to);
  if (step !== undefined && state !== "failed") {
    const isWork = step.step === "work";
    const part = step.step === "upload" && step.total > 0 ? step.done / step.total : null;
    const { value, text } = isWork ? workShown(messages, dates, step) : { value: part, text: "" };
    return (
      <li className={classes["copy"]}>
        <Progress label={`${who}: ${stepText(messages, step)}${text === "" ? "" : ` – ${text}`}`} value={value} />
      </li>
    );
  }
  const isOffline = !connected && state !== "failed";
  const why = isOffline ? outbox.noNetwork : reason === null ? outbox.waitingFor : reasonText(messages, copy);
  return (
    <li className={`${classes["copy"]} ${state === "failed" ? classes["failed"] : ""}`}>
      <bdi className={classes["who"]}>{who}</bdi>
      {`: ${why}`}
      {state === "queued" && reason !== null && !isOffline ? ` (${outbox.nextTry(dates.short(nextAttemptAt))})` : ""}
      {own && reason === "quota_exceeded" ? (
        <>
          {" "}
          <a href={hrefOf({ room: "settings", path: ["storage"] })}>{outbox.makeRoom}</a>
        </>
      ) : null}
    </li>
  );
}
