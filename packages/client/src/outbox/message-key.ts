import {
  checkMessageKey,
  isSmimpError,
  parseJson,
  parseTimestamp,
  SmimpError,
  type AnswerOf,
  type Hex32,
  type MessageKey,
  type MessageKeyCheck,
  type MessageType,
  type Pin,
  type RandomBytes,
  type Timestamp,
} from "@smimp/protocol";
import type { Api } from "../api.ts";
import type { SendOptions } from "../model.ts";
import type { Known, People } from "../people.ts";
import type { OwnKeys } from "../keys/own-keys.ts";
import type { Self } from "../self.ts";
import type { Sessions } from "../session.ts";
import { askWithWork, workFor, type WorkParts } from "./work.ts";

/** A key to seal one message to. */
export interface IssuedKey {
  readonly recipient: Known;
  readonly messageKey: MessageKey;
  readonly ticket: Hex32;
}

/** What asking for keys works with. */
export interface KeyAsking extends WorkParts {
  readonly api: Api;
  readonly sessions: Sessions;
  readonly people: People;
  readonly self: Self;
  readonly own: OwnKeys;
  readonly random: RandomBytes;
}

/** How asking reports: counts its requests, shows progress, asks the owner. */
export interface AskingOptions extends SendOptions {
  readonly onRequest: () => void;
}

type Answer = AnswerOf<"getMessageKey">;

/**
 * Asks for a message key, working for it if need be, and holds the head of the recipient's history that comes with it against
 * the pin (protocol section 6): one request where nothing changed. Throws what protocol section 3 says of histories.
 */
export async function requestKey(
  asking: KeyAsking,
  recipient: Known,
  messageType: MessageType,
  options: AskingOptions,
): Promise<IssuedKey> {
  const answer = await ask(asking, recipient, messageType, options);
  const current = isHead(recipient.pin, answer) ? recipient : await catchUp(asking, recipient, answer);
  const check = { statement: answer.message_key, address: current.address, publicKey: current.pin.public_key };
  const messageKey = checkedKey(check, asking.clock());
  return { recipient: current, messageKey, ticket: answer.ticket };
}

/** A key that is good but for its date: this machine's clock is behind, or the owner's was ahead. Both pass. */
function checkedKey(check: Omit<MessageKeyCheck, "now">, now: Timestamp): MessageKey {
  try {
    return checkMessageKey({ ...check, now });
  } catch (error) {
    if (!isSmimpError(error, "bad_request")) throw error;
    // Its signature holds: it was looked at first. Good at the time that it names itself, it is wrong in nothing else.
    const { created_at: text } = parseJson(check.statement.data) as { readonly created_at?: unknown };
    const { createdAt } = checkMessageKey({ ...check, now: parseTimestamp(text) });
    throw new SmimpError("temporarily_unavailable", `the recipient's key is dated ${createdAt}, and here it is ${now}: check the clock`);
  }
}

async function ask(asking: KeyAsking, { address, baseUrl }: Known, messageType: MessageType, options: AskingOptions): Promise<Answer> {
  const { api, sessions, self } = asking;
  const work = workFor(asking, { server: baseUrl, from: self.address, to: address, messageType }, options);
  return await askWithWork(work, async (pow) => {
    const body = { address, message_type: messageType, ...(pow === undefined ? {} : { pow }) };
    return await sessions.with(baseUrl, async (token) => {
      options.onRequest();
      return await api.call(baseUrl, "getMessageKey", { token, body, signal: options.signal });
    });
  });
}

function isHead(pin: Pin, head: Pick<Answer, "public_key" | "sequence" | "link">): boolean {
  return pin.link === head.link && pin.sequence === head.sequence && pin.public_key === head.public_key;
}

/** The head moved on, or the server shows another history than before: the whole history tells which. */
async function catchUp({ people }: KeyAsking, recipient: Known, head: Answer): Promise<Known> {
  const now = await people.resolve(recipient.address);
  if (isHead(now.pin, head)) return now;
  // A history may be a minute old (protocol section 3), so the head can be ahead of it; but never the other way round.
  if (head.sequence > now.pin.sequence) {
    throw new SmimpError("temporarily_unavailable", "the recipient's history is changing: try again in a minute", { retryAfter: 60 });
  }
  await people.raise(recipient.address, "history_rewritten", "the recipient's server shows a history that is not the one it showed before");
  throw new SmimpError("history_rewritten", "the recipient's server shows a history that is not the one it showed before");
}
