import type { Progress as Step } from "@smimp/client";
import { useRef, type ReactNode } from "react";
import { useMessages } from "../../../messages/messages.tsx";
import { Button } from "../../../ui/button.tsx";
import { Progress } from "../../../ui/progress.tsx";
import classes from "../form.module.css";
import { DoorPage } from "../page.tsx";

/** Nothing can be said of how fast it goes before so much of it is done. */
const KNOWN_FROM = 0.02;

/** Shows how far the work is that a server asks of whom nobody invited. */
export function WorkPage({ work, onCancel }: { readonly work: Step; readonly onCancel: () => void }): ReactNode {
  const { door, common } = useMessages();
  const began = useRef<number>(null);
  began.current ??= performance.now();
  const { done, total } = work;
  const part = total === 0 ? 0 : done / total;
  const left = part < KNOWN_FROM ? null : (((performance.now() - began.current) / part) * (1 - part)) / 1_000;
  return (
    <DoorPage step={1} title={door.work.title} text={door.work.text} focusTitle>
      <div className={classes["form"]}>
        {/* The total is what it takes on average: with bad luck it is more. */}
        <Progress
          label={left === null ? door.work.working : left < 1 ? door.work.soon : door.work.left(Math.ceil(left))}
          value={Math.min(part, 0.98)}
        />
        <Button onPress={onCancel}>{common.cancel}</Button>
      </div>
    </DoorPage>
  );
}
