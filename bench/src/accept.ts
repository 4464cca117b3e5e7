import { randomBytes as platformRandom } from "node:crypto";
import {
  checkMessageKey,
  ENDPOINTS,
  seal,
  type Hex32,
  type MessageKey,
  type MessageType,
  type PublicKey,
  type SealedEnvelope,
} from "@smimp/protocol";
import { baseUrlOf, createIdentity, rawCaller, rawJoin, rawSession, startNetwork, type Network, type TestIdentity } from "@smimp/testkit";
import { postBytes, type Target } from "./connection.ts";
import { runLoad } from "./load.ts";
import { TEXT_BYTES } from "./seal-open.ts";

const DOMAIN = "bench.example";
const EMAIL = "email" as MessageType;
/** Requests under way while tickets are fetched. */
const PREPARING = 16;
/** Nothing that keeps spam away may stand in the way of the measurement. */
const NO_LIMIT = 1_000_000_000;

/** The real server, in a process of its own, with accounts that send and one that receives. */
export interface AcceptBench {
  /** Accepted messages a second with so many senders, over `messages` in all. Sealing and tickets come before the clock starts. */
  measure(senders: number, messages: number): Promise<number>;
  close(): Promise<void>;
}

interface Sender {
  readonly identity: TestIdentity;
  readonly token: string;
}

/** Starts the server and opens `maxSenders` accounts. */
export async function startAcceptBench(maxSenders: number): Promise<AcceptBench> {
  const network = await startNetwork({ domains: [DOMAIN], processes: true, config: { ...OPEN_GATES, logLevel: "warn" } });
  const baseUrl = baseUrlOf(DOMAIN);
  const target: Target = { port: network.server(DOMAIN).port, host: new URL(baseUrl).hostname, ca: network.authority.certificate };
  const recipient = createIdentity(`recipient#${DOMAIN}`, baseUrl, network.clock());
  await rawJoin(network, recipient);
  const senders: Sender[] = [];
  for (let i = 0; i < maxSenders; i++) {
    const identity = createIdentity(`sender${i}#${DOMAIN}`, baseUrl, network.clock());
    // oxlint-disable-next-line no-await-in-loop -- setting up, not measured
    await rawJoin(network, identity);
    // oxlint-disable-next-line no-await-in-loop
    senders.push({ identity, token: await rawSession(network, baseUrl, identity) });
  }
  const path = `${new URL(baseUrl).pathname}1.0/${ENDPOINTS.sendMessage.path.replace("{address}", encodeURIComponent(recipient.address))}`;

  const prepare = async (count: number, messages: number): Promise<readonly (readonly Uint8Array[])[]> => {
    const queues = senders.slice(0, count).map(({ identity, token }) => ({ identity, token, requests: [] as Uint8Array[] }));
    const each = Math.ceil(messages / count);
    const jobs = queues.flatMap((queue) => Array.from({ length: each }, () => queue));
    const keys = new Map<string, MessageKey>();
    const work = async (): Promise<void> => {
      for (let queue = jobs.pop(); queue !== undefined; queue = jobs.pop()) {
        // oxlint-disable-next-line no-await-in-loop -- one of several workers
        const { statement } = await sealOne(network, queue, recipient, keys);
        queue.requests.push(postBytes(target, path, JSON.stringify(statement), queue.token));
      }
    };
    await Promise.all(Array.from({ length: PREPARING }, work));
    return queues.map((queue) => queue.requests);
  };

  return {
    measure: async (count, messages) => (await runLoad(target, await prepare(count, messages))).rate,
    close: async () => await network.close(),
  };
}

/** Limits so high that nothing that keeps spam away stands in the way of a measurement. */
export const OPEN_GATES = {
  quotas: { accountBytes: -1, keysPerRequester: 0, keysForFirstContacts: 0, ticketsPerHour: NO_LIMIT, challengesPerMinute: NO_LIMIT },
  workPolicy: {
    strangerBits: 0,
    establishedBits: 0,
    firstContactsPerSender: NO_LIMIT,
    firstContactsPerDomain: NO_LIMIT,
    firstContactsPerPrefix: NO_LIMIT,
    messagesPerCorrespondent: NO_LIMIT,
    strangerInflow: NO_LIMIT,
  },
} as const;

async function sealOne(
  network: Network,
  { identity, token }: Sender,
  recipient: TestIdentity,
  keys: Map<string, MessageKey>,
): Promise<SealedEnvelope> {
  const call = rawCaller(network.fetch, baseUrlOf(DOMAIN));
  const { answer, code } = await call("getMessageKey", { token, body: { address: recipient.address, message_type: EMAIL } });
  if (code !== null) throw new Error(`no message key: ${code}`);
  const statement = answer.message_key;
  // The same non-ephemeral key comes every time: checked once, it needs no second check here.
  let messageKey = keys.get(statement.signature);
  if (messageKey === undefined) {
    const publicKey: PublicKey = recipient.master.publicKey;
    messageKey = checkMessageKey({ statement, address: recipient.address, publicKey, now: network.clock() });
    keys.set(statement.signature, messageKey);
  }
  const ticket: Hex32 = answer.ticket;
  return seal({
    from: identity.address,
    to: recipient.address,
    messageType: EMAIL,
    fromLink: identity.chain.head.link,
    toLink: answer.link,
    messageKey,
    plaintext: platformRandom(TEXT_BYTES),
    blobs: [],
    ticket,
    master: identity.master,
    random: platformRandom,
  });
}
