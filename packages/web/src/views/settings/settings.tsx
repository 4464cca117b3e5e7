import type { ReactNode } from "react";
import { useMessages } from "../../messages/messages.tsx";
import { Empty } from "../../ui/empty.tsx";

/** Settings. `path` is what follows `#/settings/`, part by part. */
export function Settings({ path }: { readonly path: readonly string[] }): ReactNode {
  const { mailbox } = useMessages();
  return <Empty icon="settings" title={path.at(0) ?? mailbox.rooms.settings} />;
}
