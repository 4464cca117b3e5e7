import { useEffect, useId, useImperativeHandle, useRef, useState, type ReactNode, type Ref } from "react";
import { closeComposer, continueAsDraft, openComposer, type OpenComposer } from "../../app/composing.ts";
import { useDates } from "../../app/dates.ts";
import { useEngine, useLive } from "../../app/engine.tsx";
import type { AttachedFile, WrittenMessage } from "../../engine/calls/writing.ts";
import { useMessages } from "../../messages/messages.tsx";
import { Button, IconButton } from "../../ui/button.tsx";
import { ActionMenu } from "../../ui/menu.tsx";
import { toast } from "../../ui/toasts.tsx";
import { useScreen } from "../shell/screen.ts";
import { discardLater } from "../drafts/discarding.ts";
import { PeopleNotices } from "../trust/people-notices.tsx";
import { attach } from "./attaching.ts";
import { Attachments } from "./attachments.tsx";
import classes from "./composer-form.module.css";
import { Conflict } from "./conflict.tsx";
import { unkeptText } from "./doubting.ts";
import { Doubts } from "./doubts.tsx";
import { DropZone } from "./drop-zone.tsx";
import { RichText, type RichTextHandle } from "./editor/rich-text.tsx";
import { toMarkdown } from "./editor/to-markdown.ts";
import { MAX_SUBJECT, openDraft, type Letter } from "./letter.ts";
import { Recipients, type Recipient, type RecipientsHandle } from "./recipients.tsx";
import { Remarks } from "./remarks.tsx";
import { SignatureDialog } from "./signature-dialog.tsx";
import { useDraft } from "./use-draft.ts";
import { useSend } from "./use-send.ts";
import { useStandings } from "./use-standings.ts";

/** What the window around the form asks of it. */
export interface FormHandle {
  send(): Promise<void>;
  /** Keeps what was written, and ends. */
  close(): Promise<void>;
}

type Row = "to" | "cc" | "bcc";

/** Everything that is written of a message. */
export function ComposerForm({
  ref,
  composer,
  letter,
  startsInBody,
  onSubject,
}: {
  readonly ref: Ref<FormHandle>;
  readonly composer: OpenComposer;
  readonly letter: Letter;
  readonly startsInBody: boolean;
  readonly onSubject: (subject: string) => void;
}): ReactNode {
  const messages = useMessages();
  const { compose } = messages;
  const engine = useEngine();
  const dates = useDates();
  const [people, setPeople] = useState(() => ({ to: known(letter.to), cc: known(letter.cc), bcc: known(letter.bcc) }));
  const [rows, setRows] = useState({ cc: letter.cc.length > 0, bcc: letter.bcc.length > 0 });
  const [subject, setSubject] = useState(letter.subject);
  const [files, setFiles] = useState(letter.files);
  const [extra, setExtra] = useState(letter);
  const [problems, setProblems] = useState<readonly string[]>([]);
  const [signing, setSigning] = useState(false);
  const limits = useLive("server.limits", [], ["settings"]).data ?? { size: null, count: Number.POSITIVE_INFINITY };
  const toRow = useRef<RecipientsHandle>(null);
  const ccRow = useRef<RecipientsHandle>(null);
  const bccRow = useRef<RecipientsHandle>(null);
  const text = useRef<RichTextHandle>(null);
  const picker = useRef<HTMLInputElement>(null);
  const ended = useRef(false);
  // One button for both where there is little room.
  const isNarrow = useScreen() === "narrow";
  const subjectId = useId();
  const everybody = [...people.to, ...people.cc, ...people.bcc];
  const standings = useStandings(everybody.flatMap(({ address }) => address ?? []));

  // What is saved is what stands here at that moment.
  const now = useRef({ people, subject, files, extra });
  useEffect(() => {
    now.current = { people, subject, files, extra };
  });
  const written = (): WrittenMessage => {
    const { people: all, subject: about, files: attachments, extra: rest } = now.current;
    const { replyTo, answersTo, autoAnswersTo } = rest;
    return {
      to: addressesOf(all.to),
      cc: addressesOf(all.cc),
      bcc: addressesOf(all.bcc),
      subject: about,
      body: toMarkdown(text.current?.doc() ?? letter.doc),
      attachments,
      ...(replyTo === undefined ? {} : { replyTo }),
      ...(answersTo === undefined ? {} : { answersTo }),
      ...(autoAnswersTo === undefined ? {} : { autoAnswersTo }),
    };
  };
  const draft = useDraft(
    letter.draftId,
    () => (ended.current ? null : written()),
    (id) => continueAsDraft(composer.id, id),
  );
  const touch = draft.touch;

  function change(next: { people?: typeof people; subject?: string; files?: readonly AttachedFile[] }): void {
    now.current = { ...now.current, ...next };
    if (next.people !== undefined) setPeople(next.people);
    if (next.subject !== undefined) setSubject(next.subject);
    if (next.files !== undefined) setFiles(next.files);
    touch();
  }
  const setRow = (row: Row) => (value: readonly Recipient[]) => {
    sending.found();
    change({ people: { ...now.current.people, [row]: value } });
  };

  function addFiles(list: readonly File[]): void {
    const how = { texts: compose.attachments, size: dates.size, time: dates.short };
    const { added, problems: found } = attach(list, now.current.files.length, limits, how);
    setProblems(found);
    if (added.length > 0) change({ files: [...now.current.files, ...added] });
  }

  async function commit(): Promise<readonly Recipient[]> {
    const all = [];
    for (const [row, { current: handle }] of [
      ["to", toRow],
      ["cc", ccRow],
      ["bcc", bccRow],
    ] as const) {
      // oxlint-disable-next-line no-await-in-loop -- each row takes what the one before left
      all.push(...(handle === null ? now.current.people[row] : await handle.commit()));
    }
    return all;
  }

  const sending = useSend({
    commit,
    written,
    keep: async () => {
      touch();
      return await draft.flush();
    },
    end: () => {
      ended.current = true;
      closeComposer(composer.id);
    },
    askWho: () => toRow.current?.focus(),
    standings,
  });

  async function close(): Promise<void> {
    await commit();
    try {
      const id = await draft.flush();
      if (id !== null && id !== letter.draftId) toast({ text: compose.sending.keptAsDraft });
      closeComposer(composer.id);
    } catch {
      // What can't be kept isn't closed.
    }
  }

  async function discard(): Promise<void> {
    // It stays a draft, with all that belongs to it, until nobody can want it back any more.
    await commit().catch(() => []);
    const id = await draft.flushSoon().catch(() => null);
    closeComposer(composer.id);
    if (id !== null) return discardLater(engine, compose.discarded, id, () => openComposer({ kind: "draft", draftId: id }));
    const { body, subject: about, to } = written();
    const isWritten = draft.state !== "empty";
    await draft.discard();
    if (isWritten) toast({ text: compose.discarded, undo: () => openComposer({ kind: "new", to, subject: about, body }) });
  }

  async function takeOver(id: string): Promise<void> {
    const other = await openDraft(engine, id);
    const all = { to: known(other.to), cc: known(other.cc), bcc: known(other.bcc) };
    now.current = { people: all, subject: other.subject, files: other.files, extra: other };
    setPeople(all);
    setRows({ cc: all.cc.length > 0, bcc: all.bcc.length > 0 });
    setSubject(other.subject);
    onSubject(other.subject);
    setFiles(other.files);
    setExtra(other);
    text.current?.replace(other.doc);
    draft.goOnAs(id);
  }

  useImperativeHandle(ref, () => ({ send: async () => await sending.send(false), close }));

  return (
    <DropZone onFiles={addFiles}>
      <div className={classes["form"]}>
        <div className={classes["head"]}>
          <Conflict
            draft={draft}
            draftId={letter.draftId}
            onTake={(id) => void takeOver(id)}
            onShow={(id) => openComposer({ kind: "draft", draftId: id })}
          />
          <Recipients
            ref={toRow}
            label={compose.to}
            value={people.to}
            onChange={setRow("to")}
            standings={standings}
            autoFocus={!startsInBody && people.to.length === 0}
            action={
              rows.cc && rows.bcc ? null : (
                <span className={classes["more"]}>
                  {rows.cc ? null : (
                    <Button kind="quiet" onPress={() => setRows({ cc: true, bcc: rows.bcc || isNarrow })}>
                      {compose.addCc}
                    </Button>
                  )}
                  {rows.bcc || isNarrow ? null : (
                    <Button kind="quiet" onPress={() => setRows({ ...rows, bcc: true })}>
                      {compose.addBcc}
                    </Button>
                  )}
                </span>
              )
            }
          />
          {rows.cc ? (
            <Recipients
              ref={ccRow}
              label={compose.cc}
              value={people.cc}
              onChange={setRow("cc")}
              standings={standings}
              autoFocus={people.cc.length === 0}
            />
          ) : null}
          {rows.bcc ? (
            <Recipients
              ref={bccRow}
              label={compose.bcc}
              value={people.bcc}
              onChange={setRow("bcc")}
              standings={standings}
              autoFocus={people.bcc.length === 0}
            />
          ) : null}
          {sending.isMissing ? (
            <p className={classes["missing"]} role="alert">
              {compose.missing}
            </p>
          ) : null}
          <Remarks open={[...people.to, ...people.cc]} hidden={people.bcc} standings={standings} />
          <PeopleNotices people={everybody.flatMap(({ address }) => address ?? [])} where="composer" />
          <div className={classes["subject"]}>
            <label htmlFor={subjectId}>{compose.subject}</label>
            <input
              id={subjectId}
              value={subject}
              maxLength={MAX_SUBJECT}
              autoComplete="off"
              onChange={({ target }) => {
                onSubject(target.value);
                change({ subject: target.value });
              }}
            />
          </div>
        </div>
        <RichText
          ref={text}
          initial={letter.doc}
          label={compose.body}
          placeholder={compose.bodyHere}
          autoFocus={startsInBody}
          onChange={touch}
          onFiles={addFiles}
        />
        <div className={classes["foot"]}>
          {[...(draft.fault === null ? [] : [unkeptText(messages, draft.fault)]), ...problems].map((problem) => (
            <p key={problem} className={classes["missing"]} role="alert">
              {problem}
            </p>
          ))}
          <Attachments
            files={files}
            kept={draft.keptFiles}
            onRemove={({ key }) => change({ files: now.current.files.filter((each) => each.key !== key) })}
          />
          <div className={classes["buttons"]}>
            <Button kind="primary" icon="send" isDisabled={sending.isSending} onPress={() => void sending.send(false)}>
              {compose.send}
            </Button>
            <IconButton icon="attach" label={compose.attach} onPress={() => picker.current?.click()} />
            <input
              ref={picker}
              type="file"
              multiple
              hidden
              aria-label={compose.attach}
              onChange={({ target }) => {
                addFiles([...(target.files ?? [])]);
                target.value = "";
              }}
            />
            <span className={classes["state"]}>{draft.state === "empty" ? null : compose.state[draft.state]}</span>
            <ActionMenu
              label={compose.more}
              actions={[{ id: "signature", label: compose.signature.menu, icon: "draft", run: () => setSigning(true) }]}
            />
            <IconButton icon="trash" label={compose.discard} onPress={() => void discard()} />
          </div>
        </div>
        {sending.doubts === null ? null : (
          <Doubts doubts={sending.doubts} onSend={() => void sending.send(true)} onClose={sending.closeDoubts} />
        )}
        {signing ? <SignatureDialog onClose={() => setSigning(false)} /> : null}
      </div>
    </DropZone>
  );
}

function known(people: Letter["to"]): readonly Recipient[] {
  return people.map((address) => ({ text: address, address }));
}

function addressesOf(people: readonly Recipient[]): WrittenMessage["to"] {
  return people.flatMap(({ address }) => address ?? []);
}
