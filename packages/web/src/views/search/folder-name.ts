import { useLive } from "../../app/engine.tsx";
import { useMessages } from "../../messages/messages.tsx";
import { folderName } from "../mailbox/folders.ts";

/** What folders are called; null for one that is none, or isn't known yet. */
export function useFolderName(): (id: string) => string | null {
  const { mailbox } = useMessages();
  const { data: folders = [] } = useLive("folders.list", [], ["folders"]);
  return (id) => {
    const folder = folders.find((each) => each.id === id);
    if (folder === undefined) return null;
    return folderName(mailbox, folder);
  };
}
