import { useState, type ReactNode } from "react";
import { useEngineEvents, useLive } from "../../app/engine.tsx";
import { useEngine } from "../../app/engine.tsx";
import { useMe } from "../../app/me.ts";
import { useMessages } from "../../messages/messages.tsx";
import { IconButton, Button } from "../../ui/button.tsx";
import { Dialog, DialogButtons } from "../../ui/dialog.tsx";
import { Empty } from "../../ui/empty.tsx";
import { toast } from "../../ui/toasts.tsx";
import { NoticeCard } from "./notice-card.tsx";
import { groupNotices, severityOf, wordsOf } from "./notice-words.ts";
import classes from "./notices-button.module.css";

/** A bell with how many notices there are, and what they say. What is dangerous is told as it comes. */
export function NoticesButton(): ReactNode {
  const messages = useMessages();
  const { trust } = messages;
  const engine = useEngine();
  const me = useMe();
  const [isOpen, setOpen] = useState(false);
  const { data = [] } = useLive("notices.list", [], ["notices"]);
  const groups = groupNotices(data);

  useEngineEvents((event) => {
    if (event.type !== "notice" || severityOf(event.notice) !== "danger") return;
    toast({
      text: trust.notices.arrived(wordsOf(messages, event.notice, me).title),
      action: { label: trust.notices.look, run: () => setOpen(true) },
      stays: true,
    });
  });

  const close = (): void => setOpen(false);
  return (
    <>
      <span className={classes["bell"]}>
        <IconButton icon="bell" label={trust.notices.open(groups.length)} onPress={() => setOpen(true)} />
        {groups.length === 0 ? null : (
          <span aria-hidden="true" className={classes["count"]}>
            {groups.length > 9 ? "9+" : groups.length}
          </span>
        )}
      </span>
      <Dialog title={trust.notices.title} isOpen={isOpen} onClose={close} width="wide">
        {groups.length === 0 ? (
          <Empty icon="shield-check" title={trust.notices.empty.title} text={trust.notices.empty.text} />
        ) : (
          <ul className={classes["list"]}>
            {groups.map((group) => (
              <li key={group.key}>
                <NoticeCard group={group} onFollow={close} />
              </li>
            ))}
          </ul>
        )}
        {groups.length < 2 ? null : (
          <DialogButtons>
            <Button kind="quiet" onPress={() => void engine.call("notices.dismissAll", [data.map(({ id }) => id)]).catch(() => undefined)}>
              {trust.notices.dismissAll}
            </Button>
          </DialogButtons>
        )}
      </Dialog>
    </>
  );
}
