import { useEffect, useState, type ReactNode } from "react";
import { useMessages } from "../../../messages/messages.tsx";
import { Banner } from "../../../ui/banner.tsx";
import { Button } from "../../../ui/button.tsx";
import { Icon } from "../../../ui/icon.tsx";
import { Progress } from "../../../ui/progress.tsx";
import { QrCode } from "../../../ui/qr-code.tsx";
import { toast } from "../../../ui/toasts.tsx";
import classes from "../form.module.css";
import { DoorPage } from "../page.tsx";
import styles from "./code-page.module.css";

/** Longest life of a code, milliseconds: this device's clock may be wrong. */
const LIFE = 10 * 60_000;

/** Shows a link code, to be scanned or typed on the other device, and how long it is good for. */
export function CodePage({
  code,
  until,
  over,
  isBusy,
  onAgain,
  onCancel,
}: {
  /** In groups of four. */
  readonly code: string;
  readonly until: number;
  /** Why it is good no more, if it isn't. */
  readonly over: string | null;
  readonly isBusy: boolean;
  readonly onAgain: () => void;
  readonly onCancel: () => void;
}): ReactNode {
  const { door, common } = useMessages();
  const { link } = door;
  const left = useLeft(until);

  async function copy(): Promise<void> {
    await navigator.clipboard.writeText(code).then(
      () => toast({ text: link.copied }),
      () => toast({ text: door.phrase.notCopied, tone: "error" }),
    );
  }

  if (over !== null) {
    return (
      <DoorPage title={link.codeTitle} focusTitle>
        <div className={classes["form"]}>
          <Banner tone="danger" icon="clock" title={over} />
          <Button kind="primary" wide isDisabled={isBusy} onPress={onAgain}>
            {link.another}
          </Button>
          <Button wide onPress={onCancel}>
            {common.cancel}
          </Button>
        </div>
      </DoorPage>
    );
  }
  return (
    <DoorPage title={link.codeTitle} text={link.codeText} focusTitle>
      <div className={styles["code"]}>
        <QrCode text={code.replaceAll(" ", "")} label={link.qr} />
        <p className={styles["label"]} id="link-code">
          {link.code}
        </p>
        <p className={styles["groups"]} role="group" aria-labelledby="link-code" translate="no">
          {code.split(" ").map((group, index) => (
            <span key={`${index} ${group}`}>{group} </span>
          ))}
        </p>
        <p className={styles["left"]} role="timer">
          <Icon name="clock" size={16} />
          {link.left(left)}
        </p>
      </div>
      <Progress label={link.waiting} value={null} />
      <p className={classes["hint"]}>
        <Icon name="lock" size={16} />
        {link.secret}
      </p>
      <div className={classes["row"]}>
        <Button icon="copy" onPress={() => void copy()}>
          {link.copy}
        </Button>
        <Button onPress={onCancel}>{common.cancel}</Button>
      </div>
    </DoorPage>
  );
}

/** The time that is left, as `9:41`. */
function useLeft(until: number): string {
  const [end] = useState(() => Math.min(until, Date.now() + LIFE));
  const [now, setNow] = useState(() => Date.now());
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), 1_000);
    return () => clearInterval(timer);
  }, []);
  const seconds = Math.max(0, Math.ceil((end - now) / 1_000));
  return `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}`;
}
