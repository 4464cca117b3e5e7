import { DEFAULT_MAX_BLOB_BYTES, DEFAULT_MAX_MESSAGE_BYTES } from "@smimp/protocol";

// Every bound that an operator may set, with its unit and its default; docs/self-hosting.md lists them all.

/** Bounds of requests and connections. */
export interface Limits {
  /** Bytes of a send_message body. */
  readonly messageBytes: number;
  /** Bytes of one blob. */
  readonly blobBytes: number;
  /** Open connections in all, and from one IPv4 address or IPv6 /64. Where all are taken, whoever has the most gives way. */
  readonly connections: number;
  readonly connectionsPerAddress: number;
  /** Seconds until a request's header must be there, and a body's next bytes. */
  readonly headerSeconds: number;
  readonly idleSeconds: number;
  /** Seconds without any traffic after which a connection ends, and without progress after which an answer does. */
  readonly stallSeconds: number;
  /** Event streams of one account. */
  readonly eventStreams: number;
  /** Exports and imports of whole accounts at once: in all, and from one IP prefix. */
  readonly transfers: number;
  readonly transfersPerPrefix: number;
  /** Requests under way at once on one HTTP/2 connection. */
  readonly streamsPerConnection: number;
  /** Bytes of requests under way and their answers in memory at once: of all peers, and of one. */
  readonly bodyBytes: number;
  readonly bodyBytesPerPeer: number;
  /** Histories of other servers that are fetched at once, over all domains; one for each domain (protocol section 5). */
  readonly remoteFetches: number;
  /** Seconds that requests under way are given when the server closes. */
  readonly drainSeconds: number;
}

/** What one account, requester or day may use up. */
export interface Quotas {
  /** Bytes of an account's messages and blobs; -1 for no limit. */
  readonly accountBytes: number;
  /** Bytes of one sender's blobs that no message names yet. */
  readonly uploadBytes: number;
  /**
   * Percent of the room in a recipient's mailbox that one sender's blobs may take, and all of one domain of other servers, before a message
   * names them: of what is left beside those of others.
   */
  readonly uploadPercentPerSender: number;
  readonly uploadPercentPerDomain: number;
  /** Single-use keys a day for one requester and recipient (protocol section 4). */
  readonly keysPerRequester: number;
  /** Single-use keys a day of one recipient for all first contacts together (protocol section 4). */
  readonly keysForFirstContacts: number;
  /** Single-use keys a day for all first contacts from one IP prefix, of whomever they are. */
  readonly keysPerPrefix: number;
  /** Tickets an hour for one sender in all, known correspondents included. */
  readonly ticketsPerHour: number;
  /** Tickets a day for messages to oneself: sent copies, drafts, imported mail. */
  readonly ownTicketsPerDay: number;
  /** Message keys a day that an account uploads: each is remembered for good (protocol section 4). */
  readonly keysPerDay: number;
  /** Exports an hour of one account. */
  readonly exportsPerHour: number;
  /** Sessions of one address, of this server or another; one more ends the one that runs out first. */
  readonly sessionsPerAddress: number;
  /** Bytes of keystores an hour that an account stores. */
  readonly keystoreBytesPerHour: number;
  /** Histories of other servers' addresses an hour that were never seen here: asked for from one IP prefix, and pinned of one domain. */
  readonly firstSightsPerPrefix: number;
  readonly firstSightsPerDomain: number;
  /** Session challenges a minute for addresses of one remote IP prefix. */
  readonly challengesPerMinute: number;
  /** Device links an hour for new devices of one remote IP prefix (protocol section 8). */
  readonly deviceLinksPerHour: number;
  /** Folders of an account (protocol section 8). */
  readonly folders: number;
}

/** Price of a message key (protocol section 7). Bits are log2 of the tries expected in all. */
export interface WorkPolicy {
  /** Puzzles that the work is split into. */
  readonly count: number;
  /** Base for a sender that this server never met, and for one of a domain that its users write to. */
  readonly strangerBits: number;
  readonly establishedBits: number;
  /** Work of an open registration. */
  readonly registrationBits: number;
  /** First contacts an hour without extra work: of one sender, of one domain, of one IP prefix. */
  readonly firstContactsPerSender: number;
  readonly firstContactsPerDomain: number;
  readonly firstContactsPerPrefix: number;
  /** Messages an hour from a known correspondent without any work. */
  readonly messagesPerCorrespondent: number;
  /** Inflow of strangers an hour below which the server's load adds no work, whatever its median. */
  readonly strangerInflow: number;
}

/** Defaults of `limits`. */
export const DEFAULT_LIMITS: Limits = {
  messageBytes: DEFAULT_MAX_MESSAGE_BYTES,
  blobBytes: DEFAULT_MAX_BLOB_BYTES,
  connections: 8_192,
  connectionsPerAddress: 1_024,
  headerSeconds: 15,
  idleSeconds: 30,
  // Three comment lines of an event stream.
  stallSeconds: 100,
  eventStreams: 16,
  transfers: 16,
  transfersPerPrefix: 4,
  streamsPerConnection: 128,
  bodyBytes: 256 * 1024 * 1024,
  bodyBytesPerPeer: 64 * 1024 * 1024,
  remoteFetches: 64,
  drainSeconds: 10,
};

/** Defaults of `quotas`. */
export const DEFAULT_QUOTAS: Quotas = {
  accountBytes: 5 * 1024 ** 3,
  uploadBytes: 2 * 1024 ** 3,
  uploadPercentPerSender: 50,
  uploadPercentPerDomain: 75,
  keysPerRequester: 5,
  keysForFirstContacts: 20,
  keysPerPrefix: 200,
  ticketsPerHour: 3_600,
  ownTicketsPerDay: 250_000,
  keysPerDay: 10_000,
  exportsPerHour: 10,
  sessionsPerAddress: 100,
  keystoreBytesPerHour: 2 * 1024 ** 3,
  firstSightsPerPrefix: 300,
  firstSightsPerDomain: 1_000,
  challengesPerMinute: 600,
  deviceLinksPerHour: 60,
  folders: 1_000,
};

/** Defaults of `workPolicy`: a stranger's first message costs a phone well under a second, a million of them a data centre. */
export const DEFAULT_WORK_POLICY: WorkPolicy = {
  count: 8,
  strangerBits: 18,
  establishedBits: 14,
  registrationBits: 22,
  firstContactsPerSender: 10,
  firstContactsPerDomain: 100,
  firstContactsPerPrefix: 30,
  messagesPerCorrespondent: 600,
  strangerInflow: 200,
};

/** How long what nobody needs any more is kept. What the protocol fixes is not here: ids of deleted messages stay 30 days, tombstones of addresses for good. */
export interface Retention {
  /** Days after which messages are deleted, whoever they are of, sent copies and drafts too; 0: never. */
  readonly messageDays: number;
  /** Days that used and expired invites stay for the operator to see. */
  readonly inviteDays: number;
}

/** Defaults of `retention`. */
export const DEFAULT_RETENTION: Retention = { messageDays: 0, inviteDays: 30 };
