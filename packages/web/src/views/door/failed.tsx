import { useState, type ReactNode } from "react";
import type { EngineError } from "../../engine/connect.ts";
import { useMessages } from "../../messages/messages.tsx";
import { Button } from "../../ui/button.tsx";
import { ForgetDialog } from "./forget-dialog.tsx";
import classes from "./form.module.css";
import { DoorPage } from "./page.tsx";

/** What is stored can't be opened, though its key is there: errors of the browser's cryptography, and of this system's. */
const UNREADABLE = new Set(["decryption_failed", "OperationError", "bad_request"]);

/** Nothing can be opened here: what may be the matter, and what helps. */
export function Failed({ failure }: { readonly failure: EngineError }): ReactNode {
  const { door } = useMessages();
  const [asking, setAsking] = useState(false);
  const unreadable = UNREADABLE.has(failure.code);
  const { title, text } = unreadable ? door.failedMailbox : door.failed;
  return (
    <DoorPage title={title} text={text} focusTitle>
      <div className={classes["form"]}>
        <Button kind="primary" wide onPress={() => location.reload()}>
          {door.failed.reload}
        </Button>
        {unreadable ? (
          <Button wide onPress={() => setAsking(true)}>
            {door.unlock.forget}
          </Button>
        ) : null}
      </div>
      <ForgetDialog address={null} isOpen={asking} onClose={() => setAsking(false)} onForgotten={() => location.reload()} />
    </DoorPage>
  );
}
