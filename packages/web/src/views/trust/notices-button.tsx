import type { ReactNode } from "react";
import { useMessages } from "../../messages/messages.tsx";
import { IconButton } from "../../ui/button.tsx";
import { groupNotices } from "./notice-words.ts";
import classes from "./notices-button.module.css";
import { openNotices } from "./notices-open.ts";
import { useNotices } from "./use-notices.ts";

/** A bell with how many notices there are; `NoticesCentre` shows them. */
export function NoticesButton({ onOpen }: { readonly onOpen?: (() => void) | undefined }): ReactNode {
  const { shell } = useMessages();
  const count = useNoticeCount();
  return (
    <span className={classes["bell"]}>
      <IconButton
        icon="bell"
        label={shell.notices(count)}
        onPress={() => {
          onOpen?.();
          openNotices();
        }}
      />
      {count === 0 ? null : (
        <span aria-hidden="true" className={classes["count"]}>
          {count > 9 ? "9+" : count}
        </span>
      )}
    </span>
  );
}

/** How many things the owner has to know. */
export function useNoticeCount(): number {
  return groupNotices(useNotices() ?? []).length;
}
