import type { Contact, History, HistoryRecord } from "@smimp/client";
import type { Messages } from "../../messages/messages.tsx";
import type { IconName } from "../../ui/icon.tsx";

type Words = Messages["trust"]["history"];

/** One thing that happened with an address. */
export interface LifeEvent {
  readonly key: string;
  readonly at: string;
  readonly icon: IconName;
  readonly tone: "plain" | "good" | "warning";
  /** What happened, a sentence each. */
  readonly texts: (words: Words) => readonly string[];
  /** The record that says it; null for what the owner of this mailbox did. */
  readonly record: HistoryRecord | null;
}

/** What happened with an address, oldest first: its records, and what was seen and compared here. */
export function eventsOf({ records }: History, contact: Contact | null): readonly LifeEvent[] {
  const all = records.map((record, index) => eventOf(record, records[index - 1]));
  if (contact !== null) {
    const { metAt, verifiedAt, loweredAt } = contact;
    if (metAt !== null) all.push(own("met", metAt, "eye", "plain"));
    if (verifiedAt !== null) all.push(own("compared", verifiedAt, "shield-check", "good"));
    if (loweredAt !== null) all.push(own("lowered", loweredAt, "error", "warning"));
  }
  // Records never go back in time, so that they stay in their order.
  return all.toSorted((a, b) => (a.at === b.at ? 0 : a.at < b.at ? -1 : 1));
}

function own(key: "met" | "compared" | "lowered", at: string, icon: IconName, tone: LifeEvent["tone"]): LifeEvent {
  return { key, at, icon, tone, texts: (words) => [words[key]], record: null };
}

function eventOf(record: HistoryRecord, before: HistoryRecord | undefined): LifeEvent {
  const { changes, changedAt: at, sequence } = record;
  const isKey = changes.includes("key") || changes.includes("recovery_key");
  const icon = isKey ? "key" : changes.includes("servers") ? "move" : changes.includes("opened") ? "plus" : "person";
  return {
    key: `record ${sequence}`,
    at,
    icon,
    tone: isKey ? "warning" : "plain",
    texts: (words) => textsOf(words, record, before),
    record,
  };
}

function textsOf(words: Words, { changes, servers, signedBy }: HistoryRecord, before: HistoryRecord | undefined): readonly string[] {
  const hosts = servers.map(hostOf).join(` ${words.and} `);
  const isMove = before !== undefined && before.servers.every((each) => servers.includes(each)) && servers.length > before.servers.length;
  const [key, recovery] = [changes.includes("key"), changes.includes("recovery_key")];
  const texts = [
    ...(changes.includes("opened") ? [words.opened(hosts)] : []),
    ...(key && recovery
      ? [words.both]
      : key
        ? [signedBy === "recovery" ? words.keyRecovery : words.key]
        : recovery
          ? [words.recoveryKey]
          : []),
    ...(changes.includes("servers") ? [isMove ? words.moving(hosts) : words.servers(hosts)] : []),
    ...(changes.includes("profile") ? [words.profile] : []),
  ];
  return texts.length === 0 ? [words.nothing] : texts;
}

function hostOf(server: string): string {
  const url = new URL(server);
  return url.pathname === "/" ? url.host : `${url.host}${url.pathname}`;
}
