import type { Address } from "@smimp/protocol";
import { useEffect, useId, useImperativeHandle, useRef, useState, type ReactNode, type Ref } from "react";
import { closeComposer, continueAsDraft, openComposer, type OpenComposer } from "../../app/composing.ts";
import { useEngine } from "../../app/engine.tsx";
import type { AttachedFile, WrittenMessage } from "../../engine/calls/writing.ts";
import { useMessages } from "../../messages/messages.tsx";
import { toast } from "../../ui/toasts.tsx";
import { discardLater } from "../drafts/discarding.ts";
import { PeopleNotices } from "../trust/people-notices.tsx";
import { ComposerFoot } from "./composer-foot.tsx";
import classes from "./composer-form.module.css";
import { ComposerPeople, type People, type PeopleHandle } from "./composer-people.tsx";
import { Conflict } from "./conflict.tsx";
import { Doubts } from "./doubts.tsx";
import { DropZone } from "./drop-zone.tsx";
import { RichText, type RichTextHandle } from "./editor/rich-text.tsx";
import { toMarkdown } from "./editor/to-markdown.ts";
import { MAX_SUBJECT, openDraft, type Letter } from "./letter.ts";
import { lookedFor, withMeant } from "./meant.ts";
import type { Recipient } from "./recipients.tsx";
import { Remarks } from "./remarks.tsx";
import { SignatureDialog } from "./signature-dialog.tsx";
import { useAttaching } from "./use-attaching.ts";
import { useDraft } from "./use-draft.ts";
import { useSend } from "./use-send.ts";
import { useStandings } from "./use-standings.ts";

/** How many more times what is written while it is kept is kept too, before it is sent. */
const KEPT_MORE = 3;

/** What the window around the form asks of it. */
export interface FormHandle {
  send(): Promise<void>;
  /** Whether nothing was written yet that could be lost. */
  isUntouched(): boolean;
  /** Keeps what was written, and ends. */
  close(): Promise<void>;
}

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
  const { compose } = useMessages();
  const engine = useEngine();
  const [people, setPeople] = useState<People>(() => ({ to: known(letter.to), cc: known(letter.cc), bcc: known(letter.bcc) }));
  const [subject, setSubject] = useState(letter.subject);
  const [files, setFiles] = useState(letter.files);
  const [extra, setExtra] = useState(letter);
  const [signing, setSigning] = useState(false);
  const rows = useRef<PeopleHandle>(null);
  const text = useRef<RichTextHandle>(null);
  const ended = useRef(false);
  const subjectId = useId();
  const everybody = [...people.to, ...people.cc, ...people.bcc];
  const standings = useStandings(lookedFor(everybody));

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

  function change(next: { people?: People; subject?: string; files?: readonly AttachedFile[] }): void {
    now.current = { ...now.current, ...next };
    if (next.people !== undefined) setPeople(next.people);
    if (next.subject !== undefined) setSubject(next.subject);
    if (next.files !== undefined) setFiles(next.files);
    touch();
  }
  const attaching = useAttaching(
    () => now.current.files,
    (next) => change({ files: next }),
    draft,
  );

  function takeMeant(typed: string, meant: Address): void {
    const { to, cc, bcc } = now.current.people;
    sending.found();
    change({ people: { to: withMeant(to, typed, meant), cc: withMeant(cc, typed, meant), bcc: withMeant(bcc, typed, meant) } });
    rows.current?.focus();
  }

  const commit = async (): Promise<readonly Recipient[]> => (await rows.current?.commit()) ?? [];

  const sending = useSend({
    commit,
    written,
    keep: async () => {
      touch();
      let id = await draft.flush();
      // Large files take a while: what was written meanwhile goes with it.
      for (let more = KEPT_MORE; more > 0 && !draft.isKept(); more--) id = await draft.flush();
      return ended.current ? null : id;
    },
    end: () => {
      ended.current = true;
      closeComposer(composer.id);
    },
    askWho: () => rows.current?.focus(),
    askWrong: () => rows.current?.focusWrong(),
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
    if (ended.current) return;
    await commit().catch(() => []);
    const id = await draft.flushSoon().catch(() => null);
    // Whichever comes first, it is either sent or thrown away.
    if (ended.current) return;
    ended.current = true;
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
    setSubject(other.subject);
    onSubject(other.subject);
    setFiles(other.files);
    setExtra(other);
    text.current?.replace(other.doc);
    draft.goOnAs(id);
  }

  useImperativeHandle(ref, () => ({ send: async () => await sending.send(false), isUntouched: () => draft.state === "empty", close }));

  return (
    <DropZone onFiles={attaching.add}>
      <div className={classes["form"]}>
        <div className={classes["head"]}>
          <Conflict
            draft={draft}
            draftId={letter.draftId}
            onTake={(id) => void takeOver(id)}
            onShow={(id) => openComposer({ kind: "draft", draftId: id })}
          />
          <ComposerPeople
            ref={rows}
            people={people}
            onChange={(row, value) => {
              sending.found();
              change({ people: { ...now.current.people, [row]: value } });
            }}
            standings={standings}
            autoFocus={!startsInBody}
          />
          {sending.isMissing ? (
            <p className={classes["missing"]} role="alert">
              {compose.missing}
            </p>
          ) : null}
          <Remarks open={[...people.to, ...people.cc]} hidden={people.bcc} standings={standings} onMeant={takeMeant} />
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
          onFiles={attaching.add}
        />
        <ComposerFoot
          files={files}
          attaching={attaching}
          draft={draft}
          isSending={sending.isSending}
          wrong={sending.isMissing ? 0 : sending.wrong}
          onSend={() => void sending.send(false)}
          onSignature={() => setSigning(true)}
          onDiscard={() => void discard()}
        />
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
