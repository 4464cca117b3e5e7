import type { Folder } from "@smimp/client";
import { useState, type ReactNode } from "react";
import { ListBox, ListBoxItem } from "react-aria-components";
import { useEngine, useLive } from "../../app/engine.tsx";
import { useMessages } from "../../messages/messages.tsx";
import { Dialog } from "../../ui/dialog.tsx";
import { faultText } from "../../ui/fault.ts";
import { Field } from "../../ui/field.tsx";
import { Icon } from "../../ui/icon.tsx";
import { toast } from "../../ui/toasts.tsx";
import classes from "./choose.module.css";
import { folderIcon, folderName, inTree } from "./folders.ts";

const INBOX = "";

/** Asks for a folder; typing narrows the choice, or makes a new one. */
export function ChooseFolder({
  onClose,
  onChosen,
  current,
}: {
  readonly onClose: () => void;
  /** Null is the inbox. */
  readonly onChosen: (folder: string | null, name: string) => void;
  /** Where the messages are already; null is the inbox, undefined anywhere. */
  readonly current: string | null | undefined;
}): ReactNode {
  const messages = useMessages();
  const { mailbox } = messages;
  const texts = mailbox.chooseFolder;
  const engine = useEngine();
  const { data: folders = [] } = useLive("folders.list", [], ["folders"]);
  const [typed, setTyped] = useState("");

  const wanted = typed.trim().toLowerCase();
  const all = inTree(folders.filter(({ messageType }) => messageType === "email"));
  const found = all.filter(({ folder }) => folder.id !== current && folderName(mailbox, folder).toLowerCase().includes(wanted));
  const isNew = wanted !== "" && !all.some(({ folder }) => folderName(mailbox, folder).toLowerCase() === wanted);

  function choose(folder: string | null, name: string): void {
    onClose();
    onChosen(folder, name);
  }
  async function create(): Promise<void> {
    try {
      const folder: Folder = await engine.call("folders.create", [{ name: typed.trim() }]);
      choose(folder.id, folderName(mailbox, folder));
    } catch (error) {
      toast({ text: faultText(messages, error), tone: "error" });
    }
  }
  function chooseFirst(): void {
    const [first] = found;
    if (wanted !== "" && first !== undefined) choose(first.folder.id, folderName(mailbox, first.folder));
    else if (isNew) void create();
  }

  return (
    <Dialog title={texts.title} isOpen onClose={onClose}>
      <Field
        label={texts.find}
        value={typed}
        onChange={setTyped}
        autoFocus
        onKeyDown={(event) => (event.key === "Enter" ? chooseFirst() : undefined)}
      />
      <ListBox
        aria-label={texts.title}
        className={classes["list"] ?? ""}
        onAction={(id) => {
          if (id === INBOX) choose(null, mailbox.rooms.inbox);
          else if (id === "new") void create();
          else {
            const folder = folders.find((each) => each.id === id);
            if (folder !== undefined) choose(folder.id, folderName(mailbox, folder));
          }
        }}
        renderEmptyState={() => <p className={classes["none"]}>{wanted === "" ? texts.empty : texts.none}</p>}
      >
        {[
          ...(mailbox.rooms.inbox.toLowerCase().includes(wanted) && current !== null
            ? [
                <ListBoxItem key="inbox" id={INBOX} textValue={mailbox.rooms.inbox} className={classes["item"] ?? ""}>
                  <Icon name="inbox" size={18} /> {mailbox.rooms.inbox}
                </ListBoxItem>,
              ]
            : []),
          ...found.map(({ folder, depth }) => (
            <ListBoxItem key={folder.id} id={folder.id} textValue={folderName(mailbox, folder)} className={classes["item"] ?? ""}>
              <span className={classes["label"]} style={{ paddingInlineStart: `${depth}rem` }}>
                <Icon name={folderIcon(folder)} size={18} /> {folderName(mailbox, folder)}
              </span>
            </ListBoxItem>
          )),
          ...(isNew
            ? [
                <ListBoxItem key="new" id="new" textValue={texts.create(typed.trim())} className={classes["item"] ?? ""}>
                  <Icon name="plus" size={18} /> {texts.create(typed.trim())}
                </ListBoxItem>,
              ]
            : []),
        ]}
      </ListBox>
    </Dialog>
  );
}
