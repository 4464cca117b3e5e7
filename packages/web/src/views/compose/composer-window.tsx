import type { Address } from "@smimp/protocol";
import { useEffect, useId, useRef, useState, type ReactNode } from "react";
import { closeComposer, minimiseComposer, showComposer, type OpenComposer } from "../../app/composing.ts";
import { useDates } from "../../app/dates.ts";
import { giveHeldKeys } from "../../app/shortcuts.ts";
import { asEngineError, useEngine, useEngineState } from "../../app/engine.tsx";
import { useMessages } from "../../messages/messages.tsx";
import { Banner } from "../../ui/banner.tsx";
import { IconButton } from "../../ui/button.tsx";
import { faultText } from "../../ui/fault.ts";
import { Icon } from "../../ui/icon.tsx";
import { Progress } from "../../ui/progress.tsx";
import { ComposerForm, type FormHandle } from "./composer-form.tsx";
import classes from "./composer-window.module.css";
import { beginLetter, type Letter } from "./letter.ts";

/** How a message that is being written stands on the screen. */
export type WindowMode = "panel" | "full" | "phone" | "bar";

/** One message that is being written: a panel over the mailbox, all of the screen, or a bar at its lower edge. */
export function ComposerWindow({
  composer,
  mode,
  onFull,
}: {
  readonly composer: OpenComposer;
  readonly mode: WindowMode;
  readonly onFull: (full: boolean) => void;
}): ReactNode {
  const messages = useMessages();
  const { compose, common } = messages;
  const { id, composing } = composer;
  const engine = useEngine();
  const { mailbox } = useEngineState();
  const { long } = useDates();
  const [beginning] = useState(composing);
  const [letter, setLetter] = useState<Letter | null>(null);
  const [fault, setFault] = useState<unknown>(null);
  const [subject, setSubject] = useState("");
  const titleId = useId();
  const form = useRef<FormHandle>(null);
  const me = mailbox?.kind === "open" ? (mailbox.address as Address) : null;
  const began = useRef(false);
  useFocusBack();

  useEffect(() => {
    if (me === null || began.current) return;
    began.current = true;
    beginLetter({ engine, me, compose, long }, beginning).then(
      (begun) => {
        setLetter(begun);
        setSubject(begun.subject);
      },
      (error: unknown) => setFault(asEngineError(error)),
    );
  }, [engine, me, compose, long, beginning]);

  const kind = {
    new: compose.newMessage,
    reply: compose.reply,
    "reply-all": compose.reply,
    forward: compose.forward,
    draft: compose.draft,
  };
  const title = subject.trim() === "" ? kind[beginning.kind] : subject;
  const close = (): void => {
    if (form.current === null) closeComposer(id);
    else void form.current.close();
  };

  return (
    <div
      role="presentation"
      className={`${classes["window"]} ${classes[mode]}`}
      onKeyDown={(event) => {
        if (event.key !== "Escape" || event.defaultPrevented || mode !== "panel") return;
        // What is empty leaves nothing behind.
        if (form.current?.isUntouched() === true && !isTyping(event.target)) close();
        else minimiseComposer(id);
      }}
      onFocus={({ target }) => {
        if (isField(target)) giveHeldKeys(target, (typed) => typeIn(target, typed));
      }}
      // Before whatever has the focus makes something else of it.
      onKeyDownCapture={(event) => {
        if (event.key !== "Enter" || !(event.ctrlKey || event.metaKey)) return;
        event.preventDefault();
        event.stopPropagation();
        // Held down, the keys come again and again.
        if (!event.repeat) void form.current?.send();
      }}
    >
      <div role="dialog" aria-labelledby={titleId} aria-modal={mode === "full" || mode === "phone"} className={classes["frame"]}>
        <div className={classes["header"]}>
          {mode === "bar" ? (
            <button type="button" className={classes["bring"]} onClick={() => showComposer(id)}>
              <Icon name="draft" size={16} />
              <span id={titleId} className={classes["title"]}>
                {title}
              </span>
            </button>
          ) : (
            <h2 id={titleId} className={classes["title"]}>
              {title}
            </h2>
          )}
          {mode === "panel" || mode === "full" ? (
            <>
              <IconButton icon="minimise" label={compose.minimise} onPress={() => minimiseComposer(id)} />
              <IconButton
                icon={mode === "full" ? "shrink" : "expand"}
                label={mode === "full" ? compose.leaveFullScreen : compose.fullScreen}
                onPress={() => onFull(mode !== "full")}
              />
            </>
          ) : null}
          <IconButton icon="close" label={fault === null ? compose.closeAndKeep : common.close} onPress={close} />
        </div>
        <div className={classes["content"]} hidden={mode === "bar"}>
          {fault === null ? null : (
            <div className={classes["fault"]}>
              <Banner tone="danger" icon="error" title={compose.loadFailed}>
                <p>{faultText(messages, fault)}</p>
              </Banner>
            </div>
          )}
          {letter === null && fault === null ? (
            <div className={classes["fault"]}>
              <Progress label={common.loading} value={null} />
            </div>
          ) : null}
          {letter === null ? null : (
            <ComposerForm
              ref={form}
              composer={composer}
              letter={letter}
              startsInBody={beginning.kind === "reply" || beginning.kind === "reply-all" || beginning.kind === "draft"}
              onSubject={setSubject}
            />
          )}
        </div>
      </div>
    </div>
  );
}

/** What is typed into. */
function isField(target: Element): boolean {
  return target instanceof HTMLInputElement || (target instanceof HTMLElement && target.isContentEditable);
}

/** Types what was typed before the field was there. */
function typeIn(field: Element, typed: string): void {
  // No other way does what keys do, to an editor and to what React holds alike.
  if (typed !== "" && field === document.activeElement) document.execCommand("insertText", false, typed);
}

/** Whether somebody is about to name a recipient: that is no part of what is written yet. */
function isTyping(target: EventTarget): boolean {
  return target instanceof HTMLInputElement && target.value.trim() !== "";
}

/** Once a message is written, somebody goes on where they were. */
function useFocusBack(): void {
  useEffect(() => {
    const before = document.activeElement;
    return () => {
      // Whatever had the focus in here is gone by then.
      setTimeout(() => {
        const lost = document.activeElement === null || document.activeElement === document.body;
        if (lost && before instanceof HTMLElement && before.isConnected) before.focus();
      }, 0);
    };
  }, []);
}
