import {
  checkMessageKey,
  createWorkSolver,
  domainOf,
  parseMessageType,
  parseShape,
  powRequired,
  randomBytes,
  seal,
  utf8,
  type Address,
  type AnswerOf,
  type BaseUrl,
  type BlobReference,
  type Hex32,
  type MessageType,
  type SealedEnvelope,
  type Timestamp,
  type Work,
  type WorkParameters,
} from "@smimp/protocol";
import type { TestIdentity } from "./identity.ts";
import type { Network } from "./network.ts";
import { rawCaller, rawSession, type RawCaller } from "./raw-caller.ts";

/** The type of messages that tests send. */
export const EMAIL: MessageType = parseMessageType("email");

/** What a message key was asked for with, and what came. */
export type AskedKey = AnswerOf<"getMessageKey">;

/** Asks for a message key, without doing any work. Throws where the server refuses. */
export async function askKey(call: RawCaller, token: string, to: Address, pow?: Work): Promise<AskedKey> {
  const answer = await call("getMessageKey", { token, body: { address: to, message_type: EMAIL, ...(pow === undefined ? {} : { pow }) } });
  if (answer.code !== null) throw new Error(`no message key: ${answer.code}`);
  return answer.answer;
}

/** The parameters in an answer `pow_required`. Throws where there are none. */
export function workAskedFor(bytes: Uint8Array): WorkParameters {
  return parseShape(powRequired, JSON.parse(Buffer.from(bytes).toString("utf8"))).pow;
}

/** Does the work for a message, all at once. */
export function doWork(server: BaseUrl, from: Address, to: Address, parameters: WorkParameters): Work {
  const solver = createWorkSolver({ server, from, to, messageType: EMAIL }, parameters, randomBytes);
  for (;;) {
    const solved = solver.step(1 << 20);
    if (solved !== undefined) return solved;
  }
}

/** What is sealed; what is left out is as it should be. */
export interface RawMessage {
  readonly text?: string;
  readonly blobs?: readonly BlobReference[];
  readonly ticket?: Hex32;
  readonly fromLink?: Hex32;
  readonly toLink?: Hex32;
  readonly messageType?: MessageType;
  readonly to?: Address;
}

/** Seals a message under a key that was asked for. */
export function sealRaw(from: TestIdentity, to: Address, key: AskedKey, now: Timestamp, message: RawMessage = {}): SealedEnvelope {
  return seal({
    from: from.address,
    to: message.to ?? to,
    messageType: message.messageType ?? EMAIL,
    fromLink: message.fromLink ?? from.chain.head.link,
    toLink: message.toLink ?? key.link,
    messageKey: checkMessageKey({ statement: key.message_key, address: to, publicKey: key.public_key, now }),
    plaintext: utf8(message.text ?? "hello"),
    blobs: message.blobs ?? [],
    ticket: message.ticket ?? key.ticket,
    master: from.master,
    random: randomBytes,
  });
}

/** Delivers a message by hand; resolves with it as it stands on the server. Throws where the server refuses. */
export async function deliverRaw(network: Network, from: TestIdentity, to: Address, message: RawMessage): Promise<SealedEnvelope> {
  const { baseUrl } = network.server(domainOf(to));
  const call = rawCaller(network.fetch, baseUrl);
  const token = await rawSession(network, baseUrl, from);
  const envelope = sealRaw(from, to, await askKey(call, token, to), network.clock(), message);
  const { code } = await call("sendMessage", { token, params: { address: to }, body: envelope.statement });
  if (code !== null) throw new Error(`the message was not taken: ${code}`);
  return envelope;
}
