import type { Notice } from "@smimp/client";
import { useEffect, useEffectEvent, type ReactNode } from "react";
import { useEngine } from "../../app/engine.tsx";
import { useMe } from "../../app/me.ts";
import { isAbout, parsePlace } from "../../app/places.ts";
import { useMessages } from "../../messages/messages.tsx";
import { Button } from "../../ui/button.tsx";
import { Dialog, DialogButtons } from "../../ui/dialog.tsx";
import { Empty } from "../../ui/empty.tsx";
import { toast } from "../../ui/toasts.tsx";
import { NoticeCard } from "./notice-card.tsx";
import { groupNotices, severityOf, wordsOf } from "./notice-words.ts";
import classes from "./notices-centre.module.css";
import { closeNotices, openNotices } from "./notices-open.ts";

/** The notices in words: all of them in a dialog, and a short word on the dangerous ones of those that have just come. */
export function NoticesTold({
  notices,
  fresh,
  isOpen,
}: {
  readonly notices: readonly Notice[];
  readonly fresh: readonly Notice[];
  readonly isOpen: boolean;
}): ReactNode {
  const messages = useMessages();
  const { trust } = messages;
  const engine = useEngine();
  const me = useMe();
  const groups = groupNotices(notices);

  const tell = useEffectEvent((come: readonly Notice[]) => {
    // Where somebody looks at the person right now, it stands before them.
    const [notice] = come.filter(
      (each) => severityOf(each) === "danger" && (each.address === null || !isAbout(parsePlace(location.hash.slice(1)), each.address)),
    );
    if (notice === undefined) return;
    toast({
      text: trust.notices.arrived(wordsOf(messages, notice, me).title),
      action: { label: trust.notices.look, run: openNotices },
      stays: true,
    });
  });
  useEffect(() => tell(fresh), [fresh]);

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
