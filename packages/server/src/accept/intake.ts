import {
  addSeconds,
  concat,
  DAY,
  deviceLinkCode,
  domainOf,
  fromB64,
  HAND_OVER_LIFE,
  hash,
  MAX_EXPORT_ENTRIES,
  MAX_HAND_OVERS,
  MAX_LIST_ENTRIES,
  messageIdOf,
  parseEnvelope,
  SmimpError,
  toHex32,
  utf8,
  type Address,
  type BlobReference,
  type ExportLine,
  type ExportLineOf,
  type Hex32,
  type MessageType,
  type PublicKey,
  type Timestamp,
} from "@smimp/protocol";
import type { LastingAccess } from "../notify/lasting-access.ts";
import type { Services } from "../services.ts";
import type { BlobFile } from "../store/blob-files.ts";
import type { StoredBlob } from "../store/blobs.ts";
import type { Folder } from "../store/folders.ts";
import { KEPT_KEYSTORES } from "../store/keystores.ts";
import type { ListName } from "../store/list-entries.ts";
import type { KnownKey, MovedMessage } from "../store/moving.ts";
import type { StoreWriter } from "../store/store.ts";
import type { ExportLines } from "./export-lines.ts";
import { typeOf } from "./avatars.ts";
import { assertPlace } from "./folders.ts";
import { keystoreVersion } from "./keystores.ts";
import { checkNonEphemeral } from "./message-keys.ts";

type Deps = Pick<Services, "store" | "clock" | "settings" | "rates">;
/** What a transaction changes; it notes the files that rows hold from then on. */
type Change = (writer: StoreWriter, held: BlobFile[]) => Promise<void>;

/** Changes and bytes of envelopes that one transaction stores: few enough that nobody waits long for it. */
const BATCH_CHANGES = 64;
const BATCH_BYTES = 4 * 1024 * 1024;

/** Where an import goes. */
export interface IntakeTarget {
  readonly address: Address;
  /** The master key of the chain's head. */
  readonly publicKey: PublicKey;
  /** Whether the account is new here: only then keystores and message keys are taken in; an account at work has newer ones. */
  readonly isNew: boolean;
  /** The image that its profile names, or null. */
  readonly avatar: Hex32 | null;
  /** Bytes that it may use; -1: no limit. */
  readonly allowedBytes: number;
}

/**
 * Takes the lines of an export in, behind those of the account and its records, in small transactions. What was taken in before is
 * passed over, so that the same lines can come again. Whoever uses it calls `discard` where it throws.
 */
export class Intake {
  readonly #deps: Deps;
  readonly #access: Pick<LastingAccess, "assertStands">;
  readonly #lines: ExportLines;
  readonly #target: IntakeTarget;
  readonly #counts = new Map<ExportLine["kind"], number>();
  /** Files that no committed row holds yet. */
  readonly #files = new Set<BlobFile>();
  #pending: Change[] = [];
  #pendingIds = new Set<Hex32>();
  #pendingBytes = 0;
  #used = 0;
  #keystoreEtag: string | null = null;
  #folders: Folder[] | null = null;
  /** Entries of each list, once they were counted. */
  readonly #listed = new Map<ListName, number>();

  constructor(deps: Deps, lines: ExportLines, target: IntakeTarget, access: Pick<LastingAccess, "assertStands">) {
    this.#deps = deps;
    this.#access = access;
    this.#lines = lines;
    this.#target = target;
  }

  /**
   * Reads to the end, from a line on that was read already. Throws `bad_request` for lines that are none or in no order, `quota_exceeded`, `too_large`, what message keys
   * throw.
   */
  async run(first: ExportLine): Promise<void> {
    this.#used = await this.#deps.store.read((reader) => reader.moving.usedBytes(this.#target.address));
    for (let line = first; ; line = await this.#lines.next()) {
      if (line.kind === "end") {
        if (line.lines !== this.#lines.count() - 1) throw new SmimpError("bad_request", "the export is not whole");
        await this.#lines.assertOver();
        await this.#flush();
        return await this.discard();
      }
      const nth = (this.#counts.get(line.kind) ?? 0) + 1;
      this.#counts.set(line.kind, nth);
      await this.#take(line, nth);
      if (this.#pending.length >= BATCH_CHANGES || this.#pendingBytes >= BATCH_BYTES) await this.#flush();
    }
  }

  /** Deletes the files that no row came to hold. */
  async discard(): Promise<void> {
    for (const file of this.#files) await this.#deps.store.blobs.remove(file);
  }

  async #take(line: ExportLine, nth: number): Promise<void> {
    switch (line.kind) {
      case "message":
        return await this.#message(line);
      case "keystore":
        return await this.#keystore(line, nth);
      case "nonephemeral_key":
        return this.#standIn(line);
      case "known_key":
        // None may be left out: it could be issued again.
        if (nth > MAX_EXPORT_ENTRIES) throw new SmimpError("too_large", "too many message keys");
        return this.#know({ keyId: line.key_id, expiresAt: line.expires_at });
      case "correspondent":
        // Whoever is left out counts as a stranger again, once.
        if (nth <= MAX_EXPORT_ENTRIES) this.#correspondent(line);
        return;
      case "remembered":
        if (nth <= MAX_EXPORT_ENTRIES) this.#remembered(line);
        return;
      case "folder":
        return await this.#folder(line);
      case "list_entry":
        if (nth > 2 * MAX_LIST_ENTRIES) throw new SmimpError("too_large", `a list has ${MAX_LIST_ENTRIES} entries at the most`);
        return this.#listEntry(line);
      case "hand_over":
        if (nth > MAX_HAND_OVERS) throw new SmimpError("too_large", `at most ${MAX_HAND_OVERS} hand-overs wait`);
        return this.#handOver(line);
      case "avatar":
        if (nth > 1) throw new SmimpError("bad_request", "an account has one avatar");
        return await this.#avatar(line);
      case "account":
      case "record":
      case "blob":
      case "bytes":
      case "end":
        throw new SmimpError("bad_request", `a line of kind ${line.kind} is out of place`);
    }
  }

  async #message(line: ExportLineOf<"message">): Promise<void> {
    const { address } = this.#target;
    const { envelope: statement, message_id: messageId } = line;
    const envelope = parseEnvelope(statement.data);
    if (envelope.to !== address) throw new SmimpError("bad_request", "a message is to another address");
    if (messageIdOf(statement) !== messageId) throw new SmimpError("bad_request", "a message has another id than its envelope");
    if (new Set(envelope.blobs.map(({ hash }) => hash)).size !== envelope.blobs.length) {
      throw new SmimpError("bad_request", "a message names a blob twice");
    }
    const known =
      this.#pendingIds.has(messageId) || (await this.#deps.store.read((reader) => reader.messages.wasAccepted(address, messageId)));
    const size = utf8(statement.data).length + envelope.blobs.reduce((sum, blob) => sum + blob.size, 0);
    const counted = size + (line.extensions?.length ?? 0);
    if (!known) this.#assertRoom(counted);
    const folder = await this.#folderOf(line.folder, envelope.message_type);
    const blobs: StoredBlob[] = [];
    for (const blob of envelope.blobs) {
      const stored = await this.#blob(blob, known);
      if (stored !== null) blobs.push(stored);
    }
    if (known) return;
    const message: Omit<MovedMessage, "position"> = {
      messageId,
      envelope: { data: statement.data, signature: statement.signature },
      from: envelope.from,
      messageType: envelope.message_type,
      size,
      // Sorted and deleted by it: none comes from a time that is still to come.
      receivedAt: this.#past(line.received_at),
      receivedVia: line.received_via,
      read: line.read,
      folder,
      work: line.pow,
      archive: line.archive,
      summary: line.summary,
      extensions: line.extensions,
      blobs,
    };
    this.#pendingIds.add(messageId);
    const files = blobs.map(({ file }) => file);
    this.#add(async (writer, held) => {
      // Where it was delivered here a moment ago, its files stay without a row, and go at the end.
      if (await writer.moving.addMessage(address, message)) held.push(...files);
    }, counted);
  }

  /** A blob's bytes, stored; null where they are missing there, or where its message is here already. */
  async #blob({ hash, size }: BlobReference, known: boolean): Promise<StoredBlob | null> {
    const line = await this.#lines.next();
    if (line.kind !== "blob" || line.hash !== hash || line.size !== size) {
      throw new SmimpError("bad_request", "a message's blobs don't follow it");
    }
    if (line.missing === true) return null;
    const bytes = this.#lines.bytes(size);
    if (known) {
      for await (const piece of bytes) void piece;
      return null;
    }
    const { file } = await this.#deps.store.blobs.receive(bytes, { hash, maxBytes: size });
    this.#files.add(file);
    return { hash, size, file };
  }

  /** The folder that a message stood in, where it is here too; else the root, where its owner finds it. */
  async #folderOf(name: string | null, messageType: MessageType): Promise<string | null> {
    if (name === null) return null;
    return (await this.#foldersHere()).find((each) => each.name === name)?.messageType === messageType ? name : null;
  }

  async #foldersHere(): Promise<Folder[]> {
    return (this.#folders ??= [...(await this.#deps.store.read((reader) => reader.folders.list(this.#target.address)))]);
  }

  async #folder({ name, message_type: messageType, parent, display_name: displayName }: ExportLineOf<"folder">): Promise<void> {
    const folders = await this.#foldersHere();
    if (folders.some((each) => each.name === name)) return;
    const { folders: most } = this.#deps.settings.quotas;
    if (folders.length >= most) throw new SmimpError("quota_exceeded", `an account has ${most} folders at the most`);
    const folder = { name, messageType, parent, displayName };
    assertPlace(folders, folder);
    folders.push(folder);
    this.#add(async (writer) => void (await writer.folders.put(this.#target.address, folder)));
  }

  #listEntry({ list, hash: entry, note, created_at }: ExportLineOf<"list_entry">): void {
    const { address } = this.#target;
    const createdAt = this.#past(created_at);
    this.#add(async (writer) => {
      if ((await writer.listEntries.find(address, list, entry)) !== null) return;
      const held = this.#listed.get(list) ?? (await writer.listEntries.count(address, list));
      if (held >= MAX_LIST_ENTRIES) throw new SmimpError("quota_exceeded", `a list has ${MAX_LIST_ENTRIES} entries at the most`);
      await writer.listEntries.put(address, list, { hash: entry, note, createdAt });
      this.#listed.set(list, held + 1);
    });
  }

  #handOver({ code, public_key: publicKey, sealed, expires_at }: ExportLineOf<"hand_over">): void {
    if (deviceLinkCode(fromB64(publicKey)) !== code) throw new SmimpError("bad_request", "a hand-over has another code than its key");
    const { address, isNew } = this.#target;
    const expiresAt = notAfter(expires_at, addSeconds(this.#deps.clock(), HAND_OVER_LIFE));
    if (!isNew || expiresAt <= this.#deps.clock()) return;
    this.#add(async (writer) => await writer.deviceLinks.putHandOver(address, { code, publicKey, sealed, expiresAt }));
  }

  /** The image that the profile names; one that it doesn't name is nobody's. */
  async #avatar({ hash: expected, size, media_type: mediaType }: ExportLineOf<"avatar">): Promise<void> {
    const bytes = await this.#whole(size);
    if (toHex32(hash(bytes)) !== expected) throw new SmimpError("bad_request", "the avatar has another hash");
    if (typeOf(bytes) !== mediaType) throw new SmimpError("bad_request", "the avatar is an image of another type");
    const { address, isNew, avatar } = this.#target;
    if (!isNew || avatar !== expected) return;
    const storedAt = this.#deps.clock();
    this.#add(async (writer) => await writer.avatars.put(address, { hash: expected, mediaType, storedAt }, bytes, true));
  }

  async #whole(size: number): Promise<Uint8Array> {
    const pieces: Uint8Array[] = [];
    for await (const piece of this.#lines.bytes(size)) pieces.push(piece);
    return concat(...pieces);
  }

  async #keystore({ version, stored_at, size }: ExportLineOf<"keystore">, nth: number): Promise<void> {
    if (nth > KEPT_KEYSTORES) throw new SmimpError("too_large", `at most ${KEPT_KEYSTORES} keystores are kept`);
    const bytes = await this.#whole(size);
    if (keystoreVersion(bytes) !== version) throw new SmimpError("bad_request", "a keystore has another version in clear");
    if (!this.#target.isNew) return;
    const storedAt = this.#past(stored_at);
    const etag = this.#keystoreEtag;
    const { address } = this.#target;
    // One at a time: each is megabytes.
    await this.#flush();
    this.#keystoreEtag = await this.#deps.store.transact(async (writer) => {
      await this.#access.assertStands(writer);
      return await writer.keystores.put(address, { version, bytes, storedAt }, etag === null ? "none" : { etag });
    });
  }

  #standIn({ key }: ExportLineOf<"nonephemeral_key">): void {
    if (!this.#target.isNew) return;
    let row;
    try {
      row = checkNonEphemeral(this.#target, key, this.#deps.clock());
    } catch (error) {
      // One that expired is of no use; senders wait until the owner's client has uploaded another.
      if (error instanceof SmimpError && error.code === "key_expired") return;
      throw error;
    }
    this.#add(async (writer) => await writer.messageKeys.setNonEphemeral(this.#target.address, row));
  }

  #know(key: KnownKey): void {
    if (key.expiresAt <= this.#deps.clock()) return;
    this.#add(async (writer) => {
      if ((await writer.moving.know(this.#target.address, [key])) === 0 || this.#isWithin("key")) return;
      throw new SmimpError("rate_limited", "too many message keys in a day", { retryAfter: DAY });
    });
  }

  #correspondent({ address, first_accepted_at }: ExportLineOf<"correspondent">): void {
    // What somebody of this server wrote, it would know: the owner's word alone makes nobody known to others here.
    if (this.#deps.settings.domains.includes(domainOf(address))) return;
    const owner = this.#target.address;
    const at = this.#past(first_accepted_at);
    this.#add(async (writer) => {
      if ((await writer.correspondents.isKnown(owner, address)) || !this.#isWithin("correspondent")) return;
      await writer.correspondents.remember(owner, address, at);
    });
  }

  #remembered({ message_id: messageId, destroyed_at }: ExportLineOf<"remembered">): void {
    const { address } = this.#target;
    const at = this.#past(destroyed_at);
    this.#add(async (writer) => {
      if ((await writer.messages.wasAccepted(address, messageId)) || !this.#isWithin("remembered")) return;
      await writer.moving.remember(address, messageId, at);
    });
  }

  /** A time that the lines tell of, which is over. */
  #past(time: Timestamp): Timestamp {
    return notAfter(time, this.#deps.clock());
  }

  /** An account that is here already takes no more rows in with a day's imports than it could make here itself; one that arrives is bounded by its code. */
  #isWithin(kind: "key" | "correspondent" | "remembered"): boolean {
    const { isNew, address } = this.#target;
    const { clock, rates, settings } = this.#deps;
    return isNew || rates.count(`${kind} taken in`, address, DAY, clock()) <= settings.quotas.keysPerDay;
  }

  #add(change: Change, bytes = 0): void {
    this.#pending.push(change);
    this.#pendingBytes += bytes;
  }

  #assertRoom(size: number): void {
    const { allowedBytes } = this.#target;
    if (allowedBytes >= 0 && this.#used + this.#pendingBytes + size > allowedBytes) {
      throw new SmimpError("quota_exceeded", "the account is larger than this server allows");
    }
  }

  async #flush(): Promise<void> {
    const { address, allowedBytes } = this.#target;
    const changes = this.#pending;
    const addsBytes = this.#pendingBytes > 0;
    const held: BlobFile[] = [];
    this.#used = await this.#deps.store.transact(async (writer) => {
      // Whoever has ended the session, rotated the key or deleted the account has ended this too.
      await this.#access.assertStands(writer);
      for (const change of changes) await change(writer, held);
      const used = await writer.moving.usedBytes(address);
      // Mail may have come in meanwhile.
      if (addsBytes && allowedBytes >= 0 && used > allowedBytes) {
        throw new SmimpError("quota_exceeded", "the account is larger than this server allows");
      }
      return used;
    });
    for (const file of held) this.#files.delete(file);
    this.#pending = [];
    this.#pendingIds = new Set();
    this.#pendingBytes = 0;
  }
}

/** The time, or `latest` where that is earlier: nothing that another server tells lies ahead. */
export function notAfter(time: Timestamp, latest: Timestamp): Timestamp {
  return time > latest ? latest : time;
}

/** The key under which list entries are hashed, as a line carries it. */
export function listKeyOf({ list_key: listKey }: ExportLineOf<"account">): Uint8Array {
  return fromB64(listKey);
}
