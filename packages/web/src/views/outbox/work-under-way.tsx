import type { Address } from "@smimp/protocol";
import { useState, type ReactNode } from "react";
import { useDates } from "../../app/dates.ts";
import { useEngine } from "../../app/engine.tsx";
import { useNames } from "../../app/names.ts";
import type { SendingStep } from "../../app/sending.ts";
import { useMessages } from "../../messages/messages.tsx";
import { Button } from "../../ui/button.tsx";
import { faultText } from "../../ui/fault.ts";
import { Icon } from "../../ui/icon.tsx";
import { Progress } from "../../ui/progress.tsx";
import { toast } from "../../ui/toasts.tsx";
import { recallFor } from "./recall.ts";
import classes from "./work-card.module.css";
import { workShown } from "./work.ts";

/** The work for one person's copy, and how to stop it. */
export function WorkUnderWay({ to, step }: { readonly to: Address; readonly step: SendingStep }): ReactNode {
  const messages = useMessages();
  const { work, recalled } = messages.outbox;
  const engine = useEngine();
  const nameOf = useNames();
  const [stopping, setStopping] = useState(false);
  const dates = useDates();
  const { value, text } = workShown(messages, dates, step);
  return (
    <div className={classes["card"]} role="status">
      <p className={classes["title"]}>
        <Icon name="work" size={18} />
        {work.title}
      </p>
      <p className={classes["text"]}>{work.text(nameOf(to))}</p>
      <Progress label={text} value={value} />
      <div className={classes["buttons"]}>
        <Button
          isDisabled={stopping}
          onPress={() => {
            setStopping(true);
            recallFor(engine, messages.outbox, to).then(
              (got) => (got === "nobody" || got === "some" ? toast({ text: recalled }) : undefined),
              (error: unknown) => toast({ text: faultText(messages, error), tone: "error" }),
            );
          }}
        >
          {work.cancel}
        </Button>
      </div>
    </div>
  );
}
