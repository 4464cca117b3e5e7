import type { ReactNode } from "react";
import { useMessages } from "../../messages/messages.tsx";
import { Empty } from "../../ui/empty.tsx";

/** Contacts. `path` is what follows `#/contacts/`, part by part. */
export function Contacts({ path }: { readonly path: readonly string[] }): ReactNode {
  const { mailbox } = useMessages();
  return <Empty icon="people" title={path.at(0) ?? mailbox.rooms.contacts} />;
}
