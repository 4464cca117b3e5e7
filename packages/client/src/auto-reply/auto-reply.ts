import {
  AUTO_REPLY_SETTING,
  DAY,
  EMAIL,
  hash,
  MAX_SUBJECT_LENGTH,
  parseAutoReplySetting,
  secondsBetween,
  toHex32,
  utf8,
  type Address,
  type AutoReplySetting,
  type Clock,
  type Hex32,
  type JsonValue,
  type RandomBytes,
  type Timestamp,
} from "@smimp/protocol";
import type { AutoReplies } from "../rooms/auto-reply.ts";
import { setSharedSetting } from "../keystore/shared-settings.ts";
import { isBlocked } from "../lists/documents.ts";
import type { AutoReply } from "../model.ts";
import { emailOf, type Sendable } from "../outbox/enqueue.ts";
import type { OutboxRoom } from "../outbox/outbox.ts";
import type { People } from "../people.ts";
import type { Self } from "../self.ts";
import type { Storage } from "../storage/storage.ts";
import { answeredAt, currentSetting, deleteDue, isActive, listDue, putAnswered, type DueDocument } from "./documents.ts";

/** Days in which somebody is answered once, where nothing else is said. */
const EVERY_DAYS = 7;
/** What came in longer ago is answered no more, seconds: nobody waits for it. */
const LONGEST_DELAY = 2 * DAY;

/** What automatic answers work with. */
export interface AutoReplyParts {
  readonly storage: Storage;
  readonly outbox: OutboxRoom;
  readonly people: Pick<People, "document">;
  readonly self: Self;
  readonly clock: Clock;
  readonly random: RandomBytes;
}

/** Automatic answers, and what a sync does for them. */
export interface AutoReplyRoom extends AutoReplies {
  /** Queues the answers that are due. */
  answer(): Promise<void>;
}

/** Answers in the owner's absence (protocol section 9). */
export function createAutoReply(parts: AutoReplyParts): AutoReplyRoom {
  const { storage, outbox, people, self, clock, random } = parts;

  async function answer(): Promise<void> {
    for (const due of await listDue(storage)) {
      const setting = await currentSetting(storage);
      const message = setting === null ? null : await answerTo(due, setting);
      if (message === null) await storage.transact(async (writer) => await Promise.resolve(deleteDue(writer, due.messageId)));
      else await outbox.enqueueAny(message);
    }
  }

  /** The answer to a message; null where it gets none. */
  async function answerTo(due: DueDocument, setting: AutoReplySetting): Promise<Sendable | null> {
    const { from, receivedAt, messageId } = due;
    const now = clock();
    if (!isActive(setting, receivedAt) || secondsBetween(receivedAt, now) > LONGEST_DELAY) return null;
    const to = await targetOf(due);
    if ((await isBlocked(storage, storage, from)) || (await isBlocked(storage, storage, to))) return null;
    for (const somebody of new Set([from, to])) {
      const last = await answeredAt(storage, storage, somebody);
      if (last !== null && secondsBetween(last, now) < setting.every_days * DAY) return null;
    }
    const ref = refOf(self.address, to, due, setting);
    const draft = {
      to: [to],
      subject: `Re: ${due.subject}`.slice(0, MAX_SUBJECT_LENGTH).toWellFormed(),
      body: setting.text,
      replyTo: { ref: due.ref, threadId: due.threadId },
      automatic: true,
    } as const;
    const email = emailOf({ clock, random }, draft, ref);
    return {
      messageType: EMAIL,
      payload: { email },
      ref,
      recipients: [to],
      automatic: true,
      alongside: async (writer) => {
        deleteDue(writer, messageId);
        for (const somebody of new Set([from, to])) putAnswered(storage, writer, somebody, now);
        await Promise.resolve();
      },
    };
  }

  /** Nobody can make this client write to people whom its owner doesn't know. */
  async function targetOf({ from, elsewhere }: DueDocument): Promise<Address> {
    if (elsewhere === null || elsewhere === self.address) return from;
    return (await people.document(elsewhere)) === null ? from : elsewhere;
  }

  return {
    answer,
    get: async () => {
      const setting = await currentSetting(storage);
      return setting === null ? null : shown(setting);
    },
    set: async (reply) => {
      const now = clock();
      const value = reply === null ? null : settingOf(reply, now);
      if (value !== null) parseAutoReplySetting(value);
      await storage.transact(async (writer) => await setSharedSetting(writer, AUTO_REPLY_SETTING, value, now));
    },
  };
}

/**
 * The same on all devices of the owner for the same person in the same days: should two of them answer, the recipient drops the
 * second (protocol section 6).
 */
function refOf(me: Address, to: Address, { receivedAt }: DueDocument, { since, every_days }: AutoReplySetting): Hex32 {
  const days = Math.floor(secondsBetween(since, receivedAt) / (every_days * DAY));
  return toHex32(hash(utf8(["smimp auto reply", me, to, since, days].join("\n"))));
}

function settingOf({ text, from, until, everyDays = EVERY_DAYS }: AutoReply, since: Timestamp): JsonValue {
  return { text, since, ...(from === undefined ? {} : { from }), ...(until === undefined ? {} : { until }), every_days: everyDays };
}

function shown({ text, from, until, every_days: everyDays }: AutoReplySetting): AutoReply {
  return { text, ...(from === undefined ? {} : { from }), ...(until === undefined ? {} : { until }), everyDays };
}
