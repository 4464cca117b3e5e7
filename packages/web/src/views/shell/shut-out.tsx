import { useState, type ReactNode } from "react";
import { useMessages } from "../../messages/messages.tsx";
import { Banner } from "../../ui/banner.tsx";
import { Button } from "../../ui/button.tsx";
import { ForgetDialog } from "../door/forget-dialog.tsx";
import classes from "./connection.module.css";

/** This device, or the whole account, is known to its server no more. */
export function ShutOut({ address, isGone }: { readonly address: string; readonly isGone: boolean }): ReactNode {
  const { shell, door } = useMessages();
  const [asking, setAsking] = useState(false);
  const { title, text } = isGone ? shell.deleted : shell.removed;
  return (
    <div className={classes["banner"]}>
      <Banner tone="danger" icon={isGone ? "error" : "device"} title={title}>
        <div className={classes["text"]}>
          <p>{text}</p>
          <Button onPress={() => setAsking(true)}>{door.unlock.forget}</Button>
        </div>
      </Banner>
      <ForgetDialog address={address} isGone={isGone} isOpen={asking} onClose={() => setAsking(false)} />
    </div>
  );
}
