import type { ReactNode } from "react";
import { useMessages } from "../../messages/messages.tsx";
import { Empty } from "../../ui/empty.tsx";

/** What was begun and not sent. */
export function Drafts(): ReactNode {
  const { mailbox } = useMessages();
  return <Empty icon="draft" title={mailbox.rooms.drafts} />;
}
