import type { Address, BaseUrl, DeviceLinkCode, Hex32, MessageType, PublicKey, Timestamp } from "@smimp/protocol";
import type { Generated, Kysely } from "kysely";
import type { AvatarType } from "./avatars.ts";
import type { BlobFile } from "./blob-files.ts";
import type { ListName } from "./list-entries.ts";
import type { MessageKeyKind, MessageKeyState } from "./message-keys.ts";
import type { ReceivedVia } from "./messages.ts";

// The tables as they are after the last migration. Everything an account owns has the account's address as the first column of
// its key, so that accounts can be spread over several databases later. Booleans are 0 or 1, times are Timestamp texts, sizes bytes.

/** 0 or 1. */
export type Bit = 0 | 1;

/** Whether an account is one: only `live` ones are seen; `arriving`: being imported, `leaving`: being taken away. */
export type AccountPhase = "live" | "arriving" | "leaving";

interface AccountsTable {
  address: Address;
  sequence: number;
  link: Hex32;
  public_key: PublicKey;
  recovery_key: PublicKey;
  profile: string | null;
  list_key: Uint8Array;
  created_at: Timestamp;
  disabled_at: Timestamp | null;
  state: number;
  used_bytes: number;
  /** The highest state at which something was destroyed that is no longer remembered. */
  changes_floor: number;
  /** The state at the last change of a folder. */
  folders_state: Generated<number>;
  phase: Generated<AccountPhase>;
  /** Null: the server's default; -1: no limit. */
  quota_bytes: Generated<number | null>;
}

interface RecordsTable {
  address: Address;
  sequence: number;
  link: Hex32;
  data: string;
  signature: string;
  new_key_signature: string | null;
  recovery_signature: string | null;
  signed_by: "master" | "recovery";
  accepted_at: Timestamp;
}

interface AccountKeysTable {
  public_key: PublicKey;
  address: Address;
}

interface AddressTombstonesTable {
  address: Address;
  deleted_at: Timestamp;
}

interface InvitesTable {
  code_hash: Hex32;
  address: Address | null;
  created_at: Timestamp;
  expires_at: Timestamp;
  used_at: Timestamp | null;
  used_by: Address | null;
}

interface SessionChallengesTable {
  token_hash: Hex32;
  address: Address;
  expires_at: Timestamp;
}

interface SessionsTable {
  token_hash: Hex32;
  address: Address;
  role: "master" | "recovery";
  local: Bit;
  expires_at: Timestamp;
}

interface MessageKeysTable {
  address: Address;
  key_id: Hex32;
  kind: MessageKeyKind;
  state: MessageKeyState;
  /** The statement; null once issued or void. */
  data: string | null;
  signature: string | null;
  expires_at: Timestamp;
}

interface IssueCountersTable {
  recipient: Address;
  sender: Address;
  day: string;
  count: number;
}

interface StrangerIssueCountersTable {
  recipient: Address;
  day: string;
  count: number;
}

interface ContactCountersTable {
  source: "sender" | "domain" | "prefix" | "server";
  subject: string;
  hour: Timestamp;
  count: number;
}

interface TicketsTable {
  ticket: Hex32;
  sender: Address;
  recipient: Address;
  message_type: MessageType;
  key_id: Hex32;
  expires_at: Timestamp;
  work: string | null;
  spent_by: Hex32 | null;
}

interface WorkDemandsTable {
  nonce: Hex32;
  sender: Address;
  recipient: Address;
  message_type: string;
  zero_bits: number;
  count: number;
  expires_at: Timestamp;
  spent_at: Timestamp | null;
}

interface CorrespondentsTable {
  recipient: Address;
  sender: Address;
  first_accepted_at: Timestamp;
}

interface UploadsTable {
  recipient: Address;
  sender: Address;
  ticket: Hex32;
  hash: Hex32;
  size: number;
  file: BlobFile;
  uploaded_at: Timestamp;
}

interface MessageBlobsTable {
  recipient: Address;
  message_id: Hex32;
  hash: Hex32;
  size: number;
  file: BlobFile;
}

interface MessagesTable {
  recipient: Address;
  message_id: Hex32;
  created_state: number;
  /** The state of the last change; null where there was none. */
  updated_state: number | null;
  data: string;
  signature: string;
  sender: Address;
  message_type: MessageType;
  size: number;
  received_at: Timestamp;
  received_via: ReceivedVia;
  is_read: Bit;
  folder: string | null;
  work: string | null;
  archive: string | null;
  summary: string | null;
  extensions: string | null;
}

interface DestroyedMessagesTable {
  recipient: Address;
  message_id: Hex32;
  created_state: number;
  destroyed_state: number;
  destroyed_at: Timestamp;
}

interface KeystoresTable {
  address: Address;
  position: number;
  version: number;
  etag: string;
  bytes: Uint8Array;
  stored_at: Timestamp;
}

interface RemoteHistoriesTable {
  address: Address;
  base_url: BaseUrl;
  first_link: Hex32;
  link: Hex32;
  sequence: number;
  public_key: PublicKey;
  last_used_at: Timestamp;
}

interface EndedAccessTable {
  position: Generated<number>;
  address: Address;
  /** Null: all sessions of the address. */
  token_hash: Hex32 | null;
}

interface PrefixIssueCountersTable {
  prefix: string;
  day: string;
  count: number;
}

interface FoldersTable {
  address: Address;
  name: string;
  message_type: MessageType;
  parent: string | null;
  display_name: string | null;
  total: Generated<number>;
  unread: Generated<number>;
}

interface ListEntriesTable {
  address: Address;
  list: ListName;
  hash: Hex32;
  note: string | null;
  created_at: Timestamp;
}

interface AvatarsTable {
  address: Address;
  hash: Hex32;
  media_type: AvatarType;
  bytes: Uint8Array;
  named: Bit;
  stored_at: Timestamp;
}

interface DeviceLinksTable {
  code: DeviceLinkCode;
  public_key: string;
  sealed: string | null;
  expires_at: Timestamp;
}

interface HandOversTable {
  address: Address;
  code: DeviceLinkCode;
  public_key: string;
  sealed: string;
  expires_at: Timestamp;
}

/** All tables. */
export interface Database {
  accounts: AccountsTable;
  records: RecordsTable;
  account_keys: AccountKeysTable;
  address_tombstones: AddressTombstonesTable;
  invites: InvitesTable;
  session_challenges: SessionChallengesTable;
  sessions: SessionsTable;
  message_keys: MessageKeysTable;
  issue_counters: IssueCountersTable;
  stranger_issue_counters: StrangerIssueCountersTable;
  contact_counters: ContactCountersTable;
  tickets: TicketsTable;
  work_demands: WorkDemandsTable;
  correspondents: CorrespondentsTable;
  uploads: UploadsTable;
  message_blobs: MessageBlobsTable;
  messages: MessagesTable;
  destroyed_messages: DestroyedMessagesTable;
  keystores: KeystoresTable;
  remote_histories: RemoteHistoriesTable;
  folders: FoldersTable;
  list_entries: ListEntriesTable;
  avatars: AvatarsTable;
  device_links: DeviceLinksTable;
  hand_overs: HandOversTable;
  ended_access: EndedAccessTable;
  prefix_issue_counters: PrefixIssueCountersTable;
}

/** Typed queries on one connection. */
export type Queries = Kysely<Database>;
