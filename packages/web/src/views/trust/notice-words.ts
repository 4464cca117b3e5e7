import type { Notice, NoticeCode } from "@smimp/client";
import type { Address, Hex32 } from "@smimp/protocol";
import type { Messages } from "../../messages/messages.tsx";

/** How much a notice matters. */
export type Severity = "danger" | "warning" | "info";

/** What a notice says. */
export interface NoticeWords {
  readonly title: string;
  readonly text: string;
  readonly todo: string;
}

/** Notices that say the same of the same, as one. */
export interface NoticeGroup {
  readonly key: string;
  readonly latest: Notice;
  readonly ids: readonly string[];
}

/** Codes that mean that somebody may be in between, or is shut out: they are told of at once. */
const DANGERS: ReadonlySet<NoticeCode> = new Set<NoticeCode>([
  "history_rewritten",
  "history_invalid",
  "key_reused",
  "server_mismatch",
  "own_history_mismatch",
  "key_used_twice",
  "keystore_rolled_back",
  "device_removed",
  "account_deleted",
  "bad_signature",
]);

/** Codes that say that what a person's server shows is not what it showed before: asking it again may show that it is over. */
export const DISPUTES: ReadonlySet<NoticeCode> = new Set<NoticeCode>([
  "history_rewritten",
  "history_invalid",
  "key_reused",
  "server_mismatch",
  "history_withheld",
  "own_history_mismatch",
]);

/** Codes that say something of a person; all others are about one message to them. */
const OF_PEOPLE: ReadonlySet<NoticeCode> = new Set<NoticeCode>([
  "history_rewritten",
  "history_invalid",
  "key_reused",
  "server_mismatch",
  "history_withheld",
  "contact_key_changed",
]);

/** How much a notice matters. */
export function severityOf({ code }: Pick<Notice, "code">): Severity {
  if (DANGERS.has(code)) return "danger";
  return code === "moved" ? "info" : "warning";
}

/** Whether a notice says something of a person, and not only of a message to them. */
export function isOfPerson({ code }: Pick<Notice, "code">): boolean {
  return OF_PEOPLE.has(code);
}

/** What a notice says, in words. `me` is the owner's own address. */
export function wordsOf({ notices }: Pick<Messages, "notices">, notice: Notice, me: Address | null): NoticeWords {
  const words = specialOf(notices, notice, me) ?? notices.codes[notice.code];
  const who = notice.address ?? "?";
  return { title: words.title(who), text: words.text(who), todo: words.todo(who) };
}

function specialOf({ special }: Messages["notices"], { code, address }: Notice, me: Address | null) {
  if (code === "bad_request" && address === null) return special.brokenMessage;
  if (code === "not_found" && address === null) return special.lostAttachments;
  if (code === "history_withheld" && address === me) return special.ownWithheld;
  if (code === "history_rewritten" && address === me) return special.devicesDiffer;
  return null;
}

/** Notices that say the same of the same become one. What matters most comes first, of these the latest. */
export function groupNotices(notices: readonly Notice[]): readonly NoticeGroup[] {
  const groups = new Map<string, { latest: Notice; ids: string[] }>();
  for (const notice of notices) {
    const key = [notice.code, notice.address ?? "", notice.address === null ? (notice.messageId ?? notice.id) : ""].join(" ");
    const group = groups.get(key) ?? { latest: notice, ids: [] };
    group.ids.push(notice.id);
    if (notice.at > group.latest.at) group.latest = notice;
    groups.set(key, group);
  }
  return [...groups]
    .map(([key, { latest, ids }]) => ({ key, latest, ids }))
    .toSorted((a, b) => weight(b.latest) - weight(a.latest) || (a.latest.at < b.latest.at ? 1 : -1));
}

function weight(notice: Notice): number {
  return { danger: 2, warning: 1, info: 0 }[severityOf(notice)];
}

/** Notices of one message. */
export function noticesOfMessage(notices: readonly Notice[], messageId: Hex32): readonly Notice[] {
  return notices.filter((each) => each.messageId === messageId);
}
