import { useLive } from "../../app/engine.tsx";
import { oneLine } from "../../app/text.ts";
import { useMessages } from "../../messages/messages.tsx";

/** What folders are called; null for one that is none, or isn't known yet. */
export function useFolderName(): (id: string) => string | null {
  const { mailbox } = useMessages();
  const { data: folders = [] } = useLive("folders.list", [], ["folders"]);
  return (id) => {
    const folder = folders.find((each) => each.id === id);
    if (folder === undefined) return null;
    const name = oneLine(folder.name ?? "");
    return name === "" ? mailbox.folders.unnamed : name;
  };
}
