import type { DraftSummary } from "@smimp/client";
import { useSyncExternalStore, type ReactNode } from "react";
import { openComposer } from "../../app/composing.ts";
import { useDates } from "../../app/dates.ts";
import { useEngine, useLive } from "../../app/engine.tsx";
import { useNames } from "../../app/names.ts";
import { glimpse, oneLine } from "../../app/text.ts";
import { useMessages } from "../../messages/messages.tsx";
import { Banner } from "../../ui/banner.tsx";
import { Button, IconButton } from "../../ui/button.tsx";
import { Empty } from "../../ui/empty.tsx";
import { faultText } from "../../ui/fault.ts";
import { Icon } from "../../ui/icon.tsx";
import { PaneHeader } from "../shell/pane-header.tsx";
import { discardLater, discarded, onDiscarded } from "./discarding.ts";
import classes from "./drafts.module.css";

/** Recipients that a line names. */
const NAMED = 3;

/** What was begun and not sent. */
export function Drafts(): ReactNode {
  const messages = useMessages();
  const { compose, common } = messages;
  const texts = compose.drafts;
  const engine = useEngine();
  const { data, error, reload } = useLive("drafts.list", [], ["drafts"]);
  const hidden = useSyncExternalStore(onDiscarded, discarded);
  const shown = data?.filter(({ id }) => !hidden.has(id));
  return (
    <>
      <PaneHeader title={texts.title} />
      <div className={classes["room"]}>
        {error === null ? null : (
          <Banner tone="danger" icon="error" title={faultText(messages, error)}>
            <Button onPress={reload}>{common.retry}</Button>
          </Banner>
        )}
        {shown?.length === 0 ? <Empty icon="draft" title={texts.empty.title} text={texts.empty.text} /> : null}
        {shown === undefined || shown.length === 0 ? null : (
          <ul className={classes["list"]} aria-label={texts.list}>
            {shown.map((draft) => (
              <Line key={draft.id} draft={draft} onDiscard={() => discardLater(engine, compose.discarded, draft.id)} />
            ))}
          </ul>
        )}
      </div>
    </>
  );
}

function Line({ draft, onDiscard }: { readonly draft: DraftSummary; readonly onDiscard: () => void }): ReactNode {
  const { drafts } = useMessages().compose;
  const { short } = useDates();
  const nameOf = useNames();
  const { id, to, preview, savedAt, attachments, synced } = draft;
  const subject = oneLine(draft.subject) || drafts.noSubject;
  const more = to.length > NAMED ? ` +${to.length - NAMED}` : "";
  const names = to.length === 0 ? drafts.nobody : to.slice(0, NAMED).map(nameOf).join(", ") + more;
  return (
    <li className={classes["line"]}>
      <button type="button" className={classes["open"]} onClick={() => openComposer({ kind: "draft", draftId: id })}>
        <span className={classes["top"]}>
          <bdi className={classes["who"]}>{names}</bdi>
          {synced ? null : (
            <span role="img" aria-label={drafts.local} title={drafts.local} className={classes["mark"]}>
              <Icon name="device" size={16} />
            </span>
          )}
          {attachments === 0 ? null : (
            <span role="img" aria-label={drafts.attachments(attachments)} className={classes["mark"]}>
              <Icon name="attach" size={16} />
            </span>
          )}
          <time dateTime={savedAt} className={classes["time"]}>
            {short(savedAt)}
          </time>
        </span>
        <bdi className={classes["subject"]}>{subject}</bdi>
        <bdi className={classes["preview"]}>{glimpse(preview)}</bdi>
      </button>
      <IconButton icon="trash" label={drafts.discard(subject)} onPress={onDiscard} />
    </li>
  );
}
