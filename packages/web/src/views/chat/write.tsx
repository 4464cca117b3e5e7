import type { Address } from "@smimp/protocol";
import { useEffect, useRef, type ReactNode } from "react";
import { chatDraft, keepChatDraft, useChatDraft, type ChatDraft } from "../../app/chat-drafts.ts";
import { useDates } from "../../app/dates.ts";
import { useEngine, useLive } from "../../app/engine.tsx";
import { useMessages } from "../../messages/messages.tsx";
import { IconButton } from "../../ui/button.tsx";
import { useChoosingFiles } from "../../ui/choosing-files.tsx";
import { faultText } from "../../ui/fault.ts";
import { toast } from "../../ui/toasts.tsx";
import { attach } from "../compose/attaching.ts";
import { Attachments } from "../compose/attachments.tsx";
import { DropZone } from "../compose/drop-zone.tsx";
import classes from "./write.module.css";

/** The field in which somebody says something: Enter sends it, Shift and Enter begin another line. */
export function Write({ people }: { readonly people: readonly Address[] }): ReactNode {
  const messages = useMessages();
  const { chat, compose } = messages;
  const engine = useEngine();
  const dates = useDates();
  const limits = useLive("server.limits", [], ["settings"]).data ?? { size: null, count: Number.POSITIVE_INFINITY };
  const { text, files } = useChatDraft(people);
  const field = useRef<HTMLTextAreaElement>(null);
  const { choose, chooser } = useChoosingFiles(chat.attach, addFiles);
  const isEmpty = text.trim() === "" && files.length === 0;

  function change(next: Partial<ChatDraft>): void {
    keepChatDraft(people, { ...chatDraft(people), ...next });
  }

  useEffect(() => {
    const element = field.current;
    if (element === null) return;
    // As high as what is written, where the style sheet can't say so.
    element.style.height = "auto";
    element.style.height = `${element.scrollHeight + element.offsetHeight - element.clientHeight}px`;
    // No bar beside a line that has its room.
    element.style.overflowY = element.scrollHeight > element.clientHeight ? "auto" : "hidden";
  }, [text]);

  function addFiles(list: readonly File[]): void {
    const { added, problems } = attach(list, files.length, limits, { texts: compose.attachments, size: dates.size, time: dates.short });
    for (const problem of problems) toast({ text: problem, tone: "error" });
    if (added.length > 0) change({ files: [...files, ...added] });
    field.current?.focus();
  }

  function send(): void {
    if (isEmpty) return;
    const before = { text, files };
    change({ text: "", files: [] });
    field.current?.focus();
    engine.call("chat.send", [people, before.text.trim(), before.files]).catch((error: unknown) => {
      change(before);
      toast({ text: faultText(messages, error), tone: "error" });
    });
  }

  return (
    <div className={classes["write"]}>
      <DropZone onFiles={addFiles}>
        <Attachments files={files} coming={null} onRemove={({ key }) => change({ files: files.filter((each) => each.key !== key) })} />
        <div className={classes["row"]}>
          <IconButton icon="attach" label={chat.attach} onPress={choose} />
          {chooser}
          <textarea
            ref={field}
            className={classes["field"]}
            rows={1}
            aria-label={chat.write}
            placeholder={chat.write}
            autoFocus
            value={text}
            onChange={({ target }) => change({ text: target.value })}
            onPaste={(event) => {
              const pasted = [...event.clipboardData.files];
              if (pasted.length === 0 || event.clipboardData.types.includes("text/plain")) return;
              event.preventDefault();
              addFiles(pasted);
            }}
            onKeyDown={(event) => {
              if (event.key !== "Enter" || event.shiftKey || event.nativeEvent.isComposing) return;
              event.preventDefault();
              send();
            }}
          />
          <IconButton icon="send" label={chat.send} isDisabled={isEmpty} onPress={send} />
        </div>
      </DropZone>
    </div>
  );
}
