import { useState, type ReactNode } from "react";
import { openComposer } from "../../app/composing.ts";
import { useMe } from "../../app/me.ts";
import { goTo } from "../../app/places.ts";
import { useMessages } from "../../messages/messages.tsx";
import { Button } from "../../ui/button.tsx";
import { Empty } from "../../ui/empty.tsx";
import classes from "./beginning.module.css";

/** What stands in a mailbox that has never had a message: where people write to, and what one may begin with. */
export function Beginning(): ReactNode {
  const { mailbox } = useMessages();
  const { beginning } = mailbox;
  const me = useMe();
  const [copied, setCopied] = useState<boolean | null>(null);

  async function copy(): Promise<void> {
    setCopied(
      await navigator.clipboard.writeText(me ?? "").then(
        () => true,
        () => false,
      ),
    );
  }
  return (
    <Empty icon="inbox" title={beginning.title} text={beginning.text}>
      <p className={classes["address"]}>{me}</p>
      <Button kind="quiet" icon="copy" onPress={() => void copy()}>
        {copied === true ? beginning.copied : beginning.copy}
      </Button>
      <p className="visually-hidden" role="status">
        {copied === true ? beginning.copied : copied === false ? beginning.notCopied : ""}
      </p>
      <div className={classes["ways"]}>
        <Button kind="primary" icon="draft" wide onPress={() => openComposer({ kind: "new" })}>
          {beginning.write}
        </Button>
        <Button icon="download" wide onPress={() => goTo({ room: "settings", path: ["transfer"] })}>
          {beginning.bring}
        </Button>
        <Button icon="device" wide onPress={() => goTo({ room: "settings", path: ["devices"] })}>
          {beginning.device}
        </Button>
      </div>
    </Empty>
  );
}
