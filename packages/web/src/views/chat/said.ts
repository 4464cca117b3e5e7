import type { InboxSummary, OutboxCopy } from "@smimp/client";
import type { Address, Hex32 } from "@smimp/protocol";
import { useMemo } from "react";
import { localeOf } from "../../app/dates.ts";
import type { SendingStep } from "../../app/sending.ts";
import type { ChatMessage, PendingChat } from "../../engine/calls/writing.ts";
import { useLanguage, useMessages } from "../../messages/messages.tsx";
import { entryStanding, type Standing } from "../outbox/standing.ts";

/** Something that was said in a conversation. */
export interface Said {
  readonly key: string;
  readonly own: boolean;
  readonly from: Address | null;
  readonly at: string;
  readonly text: string;
  /** Null as long as it is only in the outbox. */
  readonly messageId: Hex32 | null;
  readonly state: InboxSummary["state"];
  readonly marks: InboxSummary["marks"] | null;
  readonly imported: InboxSummary["imported"];
  readonly attachments: ChatMessage["attachments"];
  /** Names of files that are still on their way. */
  readonly sendingFiles: readonly string[];
  /** How far an own message is; null for those of others. */
  readonly standing: Standing | null;
  /** Why it isn't sent, as far as there is a reason: one for all who have the same. */
  readonly why: readonly Pick<OutboxCopy, "reason" | "own">[];
  /** Its entry in the outbox, as long as it isn't sent. */
  readonly entryId: string | null;
}

/** What was said, with what is still in the outbox, in its order. */
export function saidOf(
  messages: readonly ChatMessage[],
  pending: readonly PendingChat[],
  sending: ReadonlyMap<Address, SendingStep>,
): readonly Said[] {
  const waiting = new Map(pending.map((each) => [each.ref, each]));
  const here = new Set(messages.map(({ ref }) => ref));
  const said = messages.map((message): Said => {
    const entry = message.own && message.ref !== null ? waiting.get(message.ref) : undefined;
    const standing = entry === undefined ? "sent" : entryStanding(others(entry), sending);
    return {
      ...message,
      // The same for what was in the outbox before: it stays the same on the screen.
      key: message.ref ?? message.messageId,
      at: message.receivedAt,
      sendingFiles: [],
      standing: message.own ? standing : null,
      why: entry === undefined ? [] : whyNot(entry),
      entryId: entry !== undefined && standing !== "sent" ? entry.id : null,
    };
  });
  const unsent = pending
    .filter(({ ref }) => !here.has(ref))
    .map((entry): Said => {
      const standing = entryStanding(others(entry), sending);
      return {
        key: entry.ref,
        own: true,
        from: null,
        at: entry.queuedAt,
        text: entry.text,
        messageId: null,
        state: "open",
        marks: null,
        imported: null,
        attachments: [],
        sendingFiles: entry.attachments.map(({ name }) => name),
        standing,
        why: whyNot(entry),
        entryId: standing === "sent" ? null : entry.id,
      };
    });
  // What is on its way stands last, whatever this device's clock says.
  return [...metOnce(said.toSorted((a, b) => (a.at < b.at ? -1 : a.at > b.at ? 1 : 0))), ...unsent];
}

/** That somebody is new stands with the first that they said, and not with all that came until one had written back. */
function metOnce(said: readonly Said[]): readonly Said[] {
  const met = new Set<Address>();
  return said.map((each) => {
    if (each.marks?.firstContact !== true || each.from === null) return each;
    if (met.has(each.from)) return { ...each, marks: { ...each.marks, firstContact: false } };
    met.add(each.from);
    return each;
  });
}

/** Without the sender's own copy: whether that is in the mailbox is nothing that the others wait for. */
function others(entry: PendingChat): Pick<PendingChat, "copies"> {
  const copies = entry.copies.filter(({ own }) => !own);
  return { copies: copies.length === 0 ? entry.copies : copies };
}

function whyNot(entry: PendingChat): Said["why"] {
  const stuck = others(entry).copies.filter(({ state, reason }) => state !== "sent" && reason !== null);
  return [...new Map(stuck.map(({ reason, own }) => [reason, { reason, own }])).values()];
}

const DAY = 86_400_000;

/** What a day is called: today, yesterday, or its date. */
export function useDays(): (at: string) => string {
  const { chat } = useMessages();
  const language = useLanguage();
  return useMemo(() => {
    const format = new Intl.DateTimeFormat(localeOf(language), { weekday: "long", day: "numeric", month: "long" });
    const withYear = new Intl.DateTimeFormat(localeOf(language), { dateStyle: "full" });
    return (at) => {
      const [then, now] = [new Date(at), new Date()];
      if (then.toDateString() === now.toDateString()) return chat.today;
      if (then.toDateString() === new Date(now.getTime() - DAY).toDateString()) return chat.yesterday;
      return (then.getFullYear() === now.getFullYear() ? format : withYear).format(then);
    };
  }, [chat, language]);
}
