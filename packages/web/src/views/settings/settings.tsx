import type { ReactNode } from "react";
import { useMessages } from "../../messages/messages.tsx";
import { LockAfter } from "../door/lock-after.tsx";
import { LinkOtherDevice } from "../door/link/link-other-device.tsx";
import { Empty } from "../../ui/empty.tsx";

/** Settings. `path` is what follows `#/settings/`, part by part. */
export function Settings({ path }: { readonly path: readonly string[] }): ReactNode {
  const { mailbox } = useMessages();
  if (path[0] === "devices")
    return (
      <>
        <LockAfter />
        <LinkOtherDevice />
      </>
    );
  return <Empty icon="settings" title={path.at(0) ?? mailbox.rooms.settings} />;
}
