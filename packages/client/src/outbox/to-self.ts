import {
  BLOB_HEADER_BYTES,
  BLOB_KEY_BYTES,
  concat,
  createBlobSealer,
  isSmimpError,
  seal,
  SmimpError,
  toB64,
  wipe,
  type Attachment,
  type BaseUrl,
  type BlobReference,
  type Hex32,
  type MessageType,
  type ProblemCode,
  type RandomBytes,
} from "@smimp/protocol";
import { UPLOAD_BASE_SECONDS, UPLOAD_BYTES_A_SECOND } from "./blobs.ts";
import { requestKey, type KeyAsking } from "./message-key.ts";

/** Times that one delivery starts over. */
const MAX_ROUNDS = 3;
/** Sealed attachments of at most so many bytes are kept between the two times that they are needed, and sealed once. */
const KEPT_BYTES = 1024 * 1024;
/** Answers after which the message is sealed anew: nothing was accepted (protocol section 6). */
const SEAL_AGAIN: ReadonlySet<ProblemCode> = new Set<ProblemCode>(["conflict", "ticket_invalid", "key_expired", "key_not_issued"]);

/** An attachment of a message to oneself; `content` may be read more than once. */
export interface OwnAttachment {
  readonly name: string;
  readonly media_type: string;
  readonly size: number;
  content(): AsyncIterable<Uint8Array>;
}

/** A message to oneself: what one's clients keep in the mailbox, such as a draft or mail from elsewhere. */
export interface OwnMessage {
  readonly messageType: MessageType;
  readonly attachments: readonly OwnAttachment[];
  /** The plaintext, its attachments' hashes and keys given. */
  plaintext(attachments: readonly Attachment[]): Uint8Array;
  /** Marks it as imported (protocol section 8). */
  readonly imported?: boolean;
  /** Hears under which id it leaves, before it does: its answer may be lost. Called again where it is sealed anew. */
  readonly onSealed?: (messageId: Hex32) => Promise<void>;
}

interface SealedAttachment {
  readonly attachment: Attachment;
  readonly reference: BlobReference;
  bytes(): AsyncIterable<Uint8Array> | Uint8Array<ArrayBuffer>;
}

/**
 * Seals a message to oneself and leaves it in the own mailbox; resolves with its id once the server has it. Throws as `requestKey`
 * and requests do; TypeError for an attachment of another size than announced.
 */
export async function deliverToSelf(asking: KeyAsking, message: OwnMessage, signal?: AbortSignal): Promise<Hex32> {
  const { people, self, own, random } = asking;
  const options = { onRequest: () => undefined, ...(signal === undefined ? {} : { signal }) };
  const attachments: SealedAttachment[] = [];
  for (const each of message.attachments) attachments.push(await sealAttachment(each, random));
  const plaintext = message.plaintext(attachments.map(({ attachment }) => attachment));
  try {
    for (let round = 1; ; round++) {
      const { recipient, messageKey, ticket } = await requestKey(asking, (await own.current()).me, message.messageType, options);
      const { me, master } = await own.current();
      const sealed = seal({
        from: self.address,
        to: self.address,
        messageType: message.messageType,
        fromLink: me.pin.link,
        toLink: recipient.pin.link,
        messageKey,
        plaintext,
        blobs: attachments.map(({ reference }) => reference),
        ticket,
        master,
        random,
      });
      try {
        for (const each of attachments) await upload(asking, recipient.baseUrl, ticket, each, signal);
        await message.onSealed?.(sealed.messageId);
        const query = message.imported === true ? { query: { received_via: "import_api" } } : {};
        const { message_id: confirmed } = await asking.sessions.with(
          recipient.baseUrl,
          async (token) => await asking.api.sendMessage(recipient.baseUrl, sealed, { token, signal, ...query }),
        );
        if (confirmed !== sealed.messageId) throw new SmimpError("temporarily_unavailable", "the server confirmed another message");
        return confirmed;
      } catch (error) {
        if (!isSmimpError(error) || round >= MAX_ROUNDS || !SEAL_AGAIN.has(error.code)) throw error;
        if (error.code === "conflict") await people.resolve(self.address);
      }
    }
  } finally {
    wipe(plaintext);
  }
}

/** Seals an attachment once to know its hash, by which it is named before it travels. */
async function sealAttachment({ name, media_type, size, content }: OwnAttachment, random: RandomBytes): Promise<SealedAttachment> {
  const [key, header] = [random(BLOB_KEY_BYTES), random(BLOB_HEADER_BYTES)];
  const kept: Uint8Array[] = [];
  let reference: BlobReference | null = null;
  const sealed = async function* (): AsyncGenerator<Uint8Array> {
    const sealer = createBlobSealer(key, size, header);
    try {
      let length = 0;
      for await (const piece of content()) {
        length += piece.length;
        if (length > size) break;
        yield* sealer.push(piece);
      }
      if (length !== size) throw new TypeError(`${name} does not have the announced ${size} bytes`);
      yield* sealer.finish();
      reference = sealer.reference();
    } finally {
      sealer.close();
    }
  };
  for await (const piece of sealed()) if (size <= KEPT_BYTES) kept.push(piece.slice());
  const known = reference as BlobReference | null;
  if (known === null) throw new TypeError("the attachment was not sealed");
  const bytes = size <= KEPT_BYTES ? concat(...kept) : null;
  return {
    attachment: { name, media_type, size, hash: known.hash, key: toB64(key) },
    reference: known,
    bytes: () => (bytes === null ? sealed() : new Uint8Array(bytes)),
  };
}

async function upload(
  { api, sessions }: KeyAsking,
  server: BaseUrl,
  ticket: Hex32,
  { reference, bytes }: SealedAttachment,
  signal: AbortSignal | undefined,
): Promise<void> {
  const { hash, size } = reference;
  const seconds = UPLOAD_BASE_SECONDS + Math.ceil(size / UPLOAD_BYTES_A_SECOND);
  try {
    await sessions.with(server, async (token) => {
      await api.put(server, "putBlob", { params: { hash }, query: { ticket }, token, bytes: bytes(), length: size, seconds, signal });
    });
  } catch (error) {
    // Its answer was lost the last time: the server has it under this ticket.
    if (!isSmimpError(error, "conflict")) throw error;
  }
}
