import type { Address, Hex32 } from "@smimp/protocol";
import type { ReactNode } from "react";
import { useContact } from "../../app/contacts.ts";
import { useMessages } from "../../messages/messages.tsx";
import { Banner } from "../../ui/banner.tsx";
import { Button } from "../../ui/button.tsx";
import { useCheckAgain } from "./check-again.ts";
import { NoticeCard } from "./notice-card.tsx";
import noticeClasses from "./notice-card.module.css";
import { DISPUTES, groupNotices, noticesOfMessage } from "./notice-words.ts";
import classes from "./notices.module.css";
import { useNotices } from "./use-notices.ts";

/** What somebody has to know of a person, on a page about them: what happened, and what to do. Nothing where all is well. */
export function PersonNotices({ address }: { readonly address: Address }): ReactNode {
  const contact = useContact(address);
  const about = (useNotices() ?? []).filter((each) => each.address === address);
  const groups = groupNotices(about);
  const isStopped = contact?.disputed === true && !groups.some(({ latest }) => DISPUTES.has(latest.code));
  if (groups.length === 0 && !isStopped) return null;
  return (
    <div className={classes["notices"]}>
      {groups.map((group) => (
        <NoticeCard key={group.key} group={group} linked={false} />
      ))}
      {isStopped ? <Stopped address={address} /> : null}
    </div>
  );
}

/** What somebody has to know of one message, and which went wrong with it; nothing where all is well. */
export function MessageNotices({ messageId }: { readonly messageId: Hex32 }): ReactNode {
  const all = useNotices() ?? [];
  const groups = groupNotices(noticesOfMessage(all, messageId));
  if (groups.length === 0) return null;
  return (
    <div className={classes["notices"]}>
      {groups.map((group) => (
        <NoticeCard key={group.key} group={group} linked={false} />
      ))}
    </div>
  );
}

/** The notice was put away, but nothing is sent all the same. */
function Stopped({ address }: { readonly address: Address }): ReactNode {
  const { trust } = useMessages();
  const { check, isChecking } = useCheckAgain(address);
  return (
    <Banner tone="danger" icon="error" title={trust.notices.stopped(address)}>
      <div className={noticeClasses["words"]}>
        <p>{trust.notices.stoppedText(address)}</p>
        <div className={noticeClasses["actions"]}>
          <Button onPress={check}>{isChecking ? trust.notices.checking : trust.notices.check}</Button>
        </div>
      </div>
    </Banner>
  );
}
