import type { ReactNode } from "react";
import { useMessages } from "../../messages/messages.tsx";
import { Empty } from "../../ui/empty.tsx";

/** Short messages as conversations. `with`: one address, or several separated by commas; null where none is chosen. */
export function Chat({ with: people }: { readonly with: string | null }): ReactNode {
  const { mailbox } = useMessages();
  return <Empty icon="chat" title={people ?? mailbox.rooms.chat} />;
}
