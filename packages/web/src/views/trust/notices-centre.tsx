import { useEffect, useRef, type ReactNode } from "react";
import { useEngine } from "../../app/engine.tsx";
import { useMe } from "../../app/me.ts";
import { useMessages } from "../../messages/messages.tsx";
import { Button } from "../../ui/button.tsx";
import { Dialog, DialogButtons } from "../../ui/dialog.tsx";
import { Empty } from "../../ui/empty.tsx";
import { toast } from "../../ui/toasts.tsx";
import { NoticeCard } from "./notice-card.tsx";
import { groupNotices, severityOf, wordsOf } from "./notice-words.ts";
import classes from "./notices-centre.module.css";
import { closeNotices, openNotices, useNoticesOpen } from "./notices-open.ts";
import { useNotices } from "./use-notices.ts";

/** Everything that the owner has to know, where somebody opens it; what is dangerous is told as it comes. One for the whole page. */
export function NoticesCentre(): ReactNode {
  const messages = useMessages();
  const { trust } = messages;
  const engine = useEngine();
  const me = useMe();
  const isOpen = useNoticesOpen();
  const notices = useNotices();
  const told = useRef<ReadonlySet<string> | null>(null);
  const groups = groupNotices(notices ?? []);

  useEffect(() => {
    if (notices === undefined) return;
    const before = told.current;
    told.current = new Set(notices.map(({ id }) => id));
    const fresh = before === null ? [] : notices.filter((each) => !before.has(each.id) && severityOf(each) === "danger");
    // Where somebody looks at the person right now, it stands before them.
    const [notice] = fresh.filter(({ address }) => address === null || !decodeURIComponent(location.hash).includes(address));
    if (notice === undefined) return;
    toast({
      text: trust.notices.arrived(wordsOf(messages, notice, me).title),
      action: { label: trust.notices.look, run: openNotices },
      stays: true,
    });
  }, [notices, messages, trust, me]);

  return (
    <Dialog title={trust.notices.title} isOpen={isOpen} onClose={closeNotices} width="wide">
      {groups.length === 0 ? (
        <Empty icon="shield-check" title={trust.notices.empty.title} text={trust.notices.empty.text} />
      ) : (
        <ul className={classes["list"]}>
          {groups.map((group) => (
            <li key={group.key}>
              <NoticeCard group={group} onFollow={closeNotices} />
            </li>
          ))}
        </ul>
      )}
      {groups.length < 2 ? null : (
        <DialogButtons>
          <Button
            kind="quiet"
            onPress={() => void engine.call("notices.dismissAll", [groups.flatMap(({ ids }) => ids)]).catch(() => undefined)}
          >
            {trust.notices.dismissAll}
          </Button>
        </DialogButtons>
      )}
    </Dialog>
  );
}
