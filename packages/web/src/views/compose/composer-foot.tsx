import type { ReactNode } from "react";
import type { AttachedFile } from "../../engine/calls/writing.ts";
import { useMessages } from "../../messages/messages.tsx";
import { Button, IconButton } from "../../ui/button.tsx";
import { useChoosingFiles } from "../../ui/choosing-files.tsx";
import { ActionMenu } from "../../ui/menu.tsx";
import { Attachments } from "./attachments.tsx";
import classes from "./composer-form.module.css";
import { unkeptText } from "./doubting.ts";
import type { Attaching } from "./use-attaching.ts";
import type { KeptDraft } from "./use-draft.ts";

/** What stands below a message that is written: what is attached, whether it is kept, and what to do with it. */
export function ComposerFoot({
  files,
  attaching,
  draft,
  isSending,
  wrong,
  onSend,
  onSignature,
  onDiscard,
}: {
  readonly files: readonly AttachedFile[];
  readonly attaching: Attaching;
  readonly draft: KeptDraft;
  readonly isSending: boolean;
  /** Recipients that keep it from being sent. */
  readonly wrong: number;
  readonly onSend: () => void;
  readonly onSignature: () => void;
  readonly onDiscard: () => void;
}): ReactNode {
  const messages = useMessages();
  const { compose } = messages;
  const { choose, chooser } = useChoosingFiles(compose.attach, attaching.add);
  return (
    <div className={classes["foot"]}>
      {[...(draft.fault === null ? [] : [unkeptText(messages, draft.fault)]), ...attaching.problems].map((problem) => (
        <p key={problem} className={classes["missing"]} role="alert">
          {problem}
        </p>
      ))}
      <Attachments files={files} coming={{ there: draft.keptFiles, done: draft.attached }} onRemove={attaching.remove} />
      {wrong === 0 ? null : (
        <p className={classes["missing"]} role="alert">
          {compose.wrong(wrong)}
        </p>
      )}
      <div className={classes["buttons"]}>
        <Button kind="primary" icon="send" isDisabled={isSending} onPress={onSend}>
          {compose.send}
        </Button>
        <IconButton icon="attach" label={compose.attach} onPress={choose} />
        {chooser}
        <span className={classes["state"]}>{draft.state === "empty" ? null : compose.state[draft.state]}</span>
        <ActionMenu label={compose.more} actions={[{ id: "signature", label: compose.signature.menu, icon: "draft", run: onSignature }]} />
        <IconButton icon="trash" label={compose.discard} isDisabled={isSending} onPress={onDiscard} />
      </div>
    </div>
  );
}
