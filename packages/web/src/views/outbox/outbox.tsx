import type { ReactNode } from "react";
import { useMessages } from "../../messages/messages.tsx";
import { Empty } from "../../ui/empty.tsx";

/** What waits to be sent, and what could not be. */
export function Outbox(): ReactNode {
  const { mailbox } = useMessages();
  return <Empty icon="outbox" title={mailbox.rooms.outbox} />;
}
