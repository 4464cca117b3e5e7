import type { ReactNode } from "react";
import { useMessages } from "../../../messages/messages.tsx";
import { Button } from "../../../ui/button.tsx";
import { Progress } from "../../../ui/progress.tsx";
import classes from "../form.module.css";
import { DoorPage } from "../page.tsx";
import type { Working } from "./work.ts";

/** Shows how far the work is that a server asks of whom nobody invited. */
export function WorkPage({ work, onCancel }: { readonly work: Working; readonly onCancel: () => void }): ReactNode {
  const { door, common } = useMessages();
  const { part, left } = work;
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
