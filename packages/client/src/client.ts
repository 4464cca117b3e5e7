import type { Address, BaseUrl } from "@smimp/protocol";
import type { ClientEvent, Draft, DraftAttachment, OutboxEntry, SendOptions, ShortOptions, SyncResult, Traffic } from "./model.ts";
import type { AccountRoom } from "./rooms/account.ts";
import type { Applications } from "./rooms/applications.ts";
import type { AutoReplies } from "./rooms/auto-reply.ts";
import type { Contacts } from "./rooms/contacts.ts";
import type { Devices } from "./rooms/devices.ts";
import type { Drafts } from "./rooms/drafts.ts";
import type { Folders } from "./rooms/folders.ts";
import type { Imports } from "./rooms/imports.ts";
import type { Inbox } from "./rooms/inbox.ts";
import type { Keys } from "./rooms/keys.ts";
import type { Lists } from "./rooms/lists.ts";
import type { Notices } from "./rooms/notices.ts";
import type { Outbox } from "./rooms/outbox.ts";
import type { ProfileRoom } from "./rooms/profile.ts";
import type { Search } from "./rooms/search.ts";
import type { SecretKeys } from "./rooms/secret-keys.ts";
import type { Signature } from "./rooms/signature.ts";

/** One person's account on one device. */
export interface Client extends AsyncDisposable {
  readonly address: Address;
  readonly baseUrl: BaseUrl;
  readonly outbox: Outbox;
  readonly inbox: Inbox;
  readonly contacts: Contacts;
  readonly devices: Devices;
  readonly keys: Keys;
  readonly profile: ProfileRoom;
  readonly account: AccountRoom;
  readonly notices: Notices;
  readonly imports: Imports;
  readonly search: Search;
  readonly lists: Lists;
  readonly autoReply: AutoReplies;
  readonly signature: Signature;
  readonly folders: Folders;
  readonly drafts: Drafts;
  readonly applications: Applications;
  readonly secretKeys: SecretKeys;
  /** Fetches what is new, opens and archives it, and tops up keys. */
  sync(options?: { readonly signal?: AbortSignal }): Promise<SyncResult>;
  /** Enqueues a draft and tries each copy once; what can't be sent now stays queued. */
  send(draft: Draft, options?: SendOptions): Promise<OutboxEntry>;
  /** Sends a short message to one or more people, as `send` does; its copy stands in the conversation with them. */
  sendShort(
    to: Address | readonly Address[],
    text: string,
    attachments?: readonly DraftAttachment[],
    options?: ShortOptions,
  ): Promise<OutboxEntry>;
  /** Stays connected: syncs and flushes whenever something changes, until `signal` aborts. */
  watch(options?: SendOptions): AsyncIterable<ClientEvent>;
  traffic(): Traffic;
  /** Ends sessions and closes the storage. */
  close(): Promise<void>;
}
