import {
  bytesLines,
  HOUR,
  MAX_EXPORT_PIECE_BYTES,
  parseEnvelope,
  pieceLine,
  SmimpError,
  toB64,
  utf8,
  type Address,
  type BlobReference,
  type ExportLine,
  type Hex32,
} from "@smimp/protocol";
import { watchAccess } from "../notify/lasting-access.ts";
import type { Services } from "../services.ts";
import type { HeldFile } from "../store/blob-files.ts";
import type { Folder } from "../store/folders.ts";
import type { ListEntryRow, ListName } from "../store/list-entries.ts";
import type { KnownCorrespondent, KnownKey, MovedMessage } from "../store/moving.ts";
import type { Store } from "../store/store.ts";
import type { Caller } from "./caller.ts";
import { toStoredMessage } from "./mailbox.ts";

type Deps = Pick<Services, "store" | "clock" | "settings" | "rates" | "transfers" | "bus">;

/** Rows read at once. */
const PAGE = 200;

/** An export, and what ends it before its last line. */
export interface Export {
  readonly lines: AsyncIterable<ExportLine>;
  /** Aborted when the session ends: not a line more goes out. */
  readonly signal: AbortSignal;
}

/**
 * Everything that the server holds of an account, line by line (protocol section 8), or of its messages only those that came after a
 * state. What is in memory at once is one message, or a piece of a blob. Each message is shown as it is at one moment. It breaks off when the
 * session ends. Throws `rate_limited`, `temporarily_unavailable`, `bad_request` for a state that is none.
 */
export function exportAccount(deps: Deps, caller: Caller, remoteAddress: string, since: string | undefined): Export {
  const { clock, settings, rates, transfers } = deps;
  const owner = caller.address;
  const state = Number(since ?? "0");
  if (!Number.isSafeInteger(state)) throw new SmimpError("bad_request", "no such state");
  const transfer = { kind: "export", address: owner, remoteAddress } as const;
  transfers.assertFree(transfer);
  rates.admit("export", owner, settings.quotas.exportsPerHour, HOUR, clock());
  const controller = new AbortController();
  async function* counted(): AsyncGenerator<ExportLine> {
    const end = transfers.begin(transfer);
    const access = watchAccess(deps, caller);
    access.signal.addEventListener("abort", () => controller.abort(access.signal.reason));
    try {
      // Watched first, then looked at: no end falls in between.
      await deps.store.read((reader) => access.assertStands(reader));
      let lines = 0;
      for await (const line of linesOf(deps, owner, state)) {
        access.signal.throwIfAborted();
        lines++;
        yield line;
      }
      yield { kind: "end", lines };
    } finally {
      access.release();
      end();
    }
  }
  return { lines: counted(), signal: controller.signal };
}

async function* linesOf({ store, clock }: Deps, owner: Address, since: number): AsyncGenerator<ExportLine> {
  yield* identityLines(store, owner);
  yield* keyLines({ store, clock }, owner);
  yield* avatarLines(store, owner);
  yield* keystoreLines(store, owner);
  yield* handOverLines({ store, clock }, owner);
  yield* mailboxLines(store, owner);
  yield* messageLines(store, owner, since);
}

async function* identityLines(store: Store, owner: Address): AsyncGenerator<ExportLine> {
  const { account, records } = await store.read(async (reader) => ({
    account: await reader.accounts.find(owner),
    records: await reader.accounts.records(owner),
  }));
  if (account === null) throw new SmimpError("unknown_user", "there is no such account");
  const { listKey, profile, createdAt } = account;
  yield { kind: "account", address: owner, state: String(account.state), created_at: createdAt, list_key: toB64(listKey), profile };
  for (const { statement, acceptedAt } of records) yield { kind: "record", record: statement, accepted_at: acceptedAt };
}

async function* keyLines({ store, clock }: Pick<Deps, "store" | "clock">, owner: Address): AsyncGenerator<ExportLine> {
  const standIn = await store.read((reader) => reader.messageKeys.nonEphemeral(owner));
  if (standIn !== null) yield { kind: "nonephemeral_key", key: standIn.statement };
  let after: Hex32 | null = null;
  for (;;) {
    const last: Hex32 | null = after;
    const keys: readonly KnownKey[] = await store.read((reader) => reader.moving.knownKeys(owner, clock(), last, PAGE));
    for (const { keyId, expiresAt } of keys) yield { kind: "known_key", key_id: keyId, expires_at: expiresAt };
    after = keys.at(-1)?.keyId ?? null;
    if (keys.length < PAGE) return;
  }
}

async function* keystoreLines(store: Store, owner: Address): AsyncGenerator<ExportLine> {
  let position = 0;
  for (;;) {
    const after = position;
    const keystore = await store.read((reader) => reader.moving.keystoreAfter(owner, after));
    if (keystore === null) return;
    const { version, storedAt, bytes } = keystore;
    yield { kind: "keystore", version, stored_at: storedAt, size: bytes.length };
    yield* bytesLines(bytes);
    ({ position } = keystore);
  }
}

/** Those that stand in the root first, then those below them, so that each stands behind its parent. */
function* folderLines(folders: readonly Folder[]): Generator<ExportLine> {
  let level: ReadonlySet<string | null> = new Set([null]);
  while (level.size > 0) {
    const above = level;
    const within = folders.filter(({ parent }) => above.has(parent));
    for (const { name, messageType, parent, displayName } of within) {
      yield { kind: "folder", name, message_type: messageType, parent, display_name: displayName };
    }
    level = new Set(within.map(({ name }) => name));
  }
}

async function* listLines(store: Store, owner: Address, list: ListName): AsyncGenerator<ExportLine> {
  let after: Hex32 | undefined;
  for (;;) {
    const last: Hex32 | undefined = after;
    const page: readonly ListEntryRow[] = await store.read((reader) => reader.listEntries.page(owner, list, { after: last, limit: PAGE }));
    for (const { hash, note, createdAt } of page) yield { kind: "list_entry", list, hash, note, created_at: createdAt };
    after = page.at(-1)?.hash;
    if (page.length < PAGE) return;
  }
}

async function* handOverLines({ store, clock }: Pick<Deps, "store" | "clock">, owner: Address): AsyncGenerator<ExportLine> {
  for (const { code, publicKey, sealed, expiresAt } of await store.read((reader) => reader.deviceLinks.handOvers(owner, clock()))) {
    yield { kind: "hand_over", code, public_key: publicKey, sealed, expires_at: expiresAt };
  }
}

async function* avatarLines(store: Store, owner: Address): AsyncGenerator<ExportLine> {
  const image = await store.read(async (reader) => {
    const avatar = await reader.avatars.named(owner);
    if (avatar === null) return null;
    const bytes = await reader.avatars.bytes(owner, avatar.hash, 0, avatar.size);
    return bytes === null ? null : { avatar, bytes };
  });
  if (image === null) return;
  const { hash, mediaType } = image.avatar;
  yield { kind: "avatar", hash, size: image.bytes.length, media_type: mediaType };
  yield* bytesLines(image.bytes);
}

async function* mailboxLines(store: Store, owner: Address): AsyncGenerator<ExportLine> {
  yield* folderLines(await store.read((reader) => reader.folders.list(owner)));
  yield* listLines(store, owner, "allowlist");
  yield* listLines(store, owner, "blocklist");
  let sender: Address | null = null;
  for (;;) {
    const last: Address | null = sender;
    const page: readonly KnownCorrespondent[] = await store.read((reader) => reader.moving.correspondents(owner, last, PAGE));
    for (const { address, firstAcceptedAt } of page) yield { kind: "correspondent", address, first_accepted_at: firstAcceptedAt };
    sender = page.at(-1)?.address ?? null;
    if (page.length < PAGE) break;
  }
  let state = 0;
  for (;;) {
    const after = state;
    const page = await store.read((reader) => reader.moving.remembered(owner, after, PAGE));
    for (const { messageId, destroyedAt } of page) yield { kind: "remembered", message_id: messageId, destroyed_at: destroyedAt };
    state = page.at(-1)?.state ?? state;
    if (page.length < PAGE) return;
  }
}

async function* messageLines(store: Store, owner: Address, since: number): AsyncGenerator<ExportLine> {
  let state = since;
  for (;;) {
    const after = state;
    const page = await store.read((reader) => reader.moving.messagesAfter(owner, after, PAGE));
    for (const { messageId } of page) yield* oneMessage(store, owner, messageId);
    state = page.at(-1)?.createdState ?? state;
    if (page.length < PAGE) return;
  }
}

/** A message and its blobs. Their files are held open before the message is shown: its deletion meanwhile changes nothing of what follows. */
async function* oneMessage(store: Store, owner: Address, messageId: Hex32): AsyncGenerator<ExportLine> {
  const held = await holdMessage(store, owner, messageId);
  if (held === null) return;
  const { message, files } = held;
  try {
    yield { kind: "message", ...toStoredMessage(message) };
    for (const { hash, size } of blobsOf(message)) {
      const file = files.get(hash);
      yield { kind: "blob", hash, size, ...(file === undefined ? { missing: true } : {}) };
      for await (const piece of file?.pieces(MAX_EXPORT_PIECE_BYTES) ?? []) yield pieceLine(piece);
    }
  } finally {
    for (const file of files.values()) await file.release();
  }
}

/** The blobs that a message names; most name none, and are not parsed for it. */
function blobsOf({ envelope, size }: MovedMessage): readonly BlobReference[] {
  return size === utf8(envelope.data).length ? [] : parseEnvelope(envelope.data).blobs;
}

async function holdMessage(
  store: Store,
  owner: Address,
  messageId: Hex32,
): Promise<{ readonly message: MovedMessage; readonly files: ReadonlyMap<Hex32, HeldFile> } | null> {
  const message = await store.read((reader) => reader.moving.message(owner, messageId));
  if (message === null) return null;
  const files = new Map<Hex32, HeldFile>();
  for (const { hash, file } of message.blobs) {
    const held = await store.blobs.hold(file);
    if (held !== null) files.set(hash, held);
  }
  if (files.size === message.blobs.length) return { message, files };
  // Either the message was deleted just now, or the disk has lost a file.
  if ((await store.read((reader) => reader.moving.message(owner, messageId))) !== null) return { message, files };
  for (const file of files.values()) await file.release();
  return null;
}
