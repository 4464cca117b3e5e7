import type { Hex32 } from "@smimp/protocol";
import type { ReactNode } from "react";
import { useMessages } from "../../messages/messages.tsx";
import { Empty } from "../../ui/empty.tsx";

/** What is found, in the place of the list; the message that is open stands beside it. */
export function SearchView({ query }: { readonly query: string; readonly message: Hex32 | null }): ReactNode {
  const { mailbox } = useMessages();
  return <Empty icon="search" title={query === "" ? mailbox.rooms.search : query} />;
}
