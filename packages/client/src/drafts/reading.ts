import { hash, parseDraft, SmimpError, toHex, toHex32, utf8, type DraftEmail, type Hex32, type RandomBytes } from "@smimp/protocol";
import type { OpenMessage, Placed, Reading } from "../inbox/arrival.ts";
import type { Self } from "../self.ts";
import type { StorageWriter } from "../storage/storage.ts";
import {
  deleteDraft,
  isUnsynced,
  listDrafts,
  putDraft,
  putLeftover,
  type DraftAttachmentDocument,
  type DraftDocument,
  type DraftText,
} from "./documents.ts";

/**
 * What becomes of a draft that came from the server (protocol section 9): it takes the place of the version that it replaces; where
 * something else was made of that one, both are kept. Throws `bad_request` for a draft of somebody else.
 */
export function readDraft({ address: me }: Self, message: OpenMessage, random: RandomBytes): Reading {
  const { document, messageId, plaintext } = message;
  if (document.from !== me) throw new SmimpError("bad_request", "a draft is nothing to be sent to others");
  const { attachments, ref, date_sent: savedAt, extensions, ...written } = parseDraft(plaintext);
  const text: DraftText = { ...written, ...(extensions?.auto_reply === true ? { automatic: true } : {}) };
  const base = extensions?.draft_base ?? null;
  const version: Version = {
    messageId,
    base,
    draft: {
      ref,
      version: messageId,
      former: base === null ? [] : [base],
      edits: 0,
      synced: 0,
      savedAt,
      text,
      attachments: attachments.map(({ name, media_type, size }, index) => ({
        name,
        media_type,
        size,
        source: { message: messageId, index },
      })),
    },
  };
  return {
    // Its versions share it: none of them is another's copy.
    ref: null,
    put: async (writer): Promise<Placed> => {
      const id = await put(writer, version, random);
      const sealed = { subject: text.subject, text: "" };
      return { place: "draft", listKey: null, summary: null, sealed, event: id === null ? null : { type: "draft", id } };
    },
  };
}

interface Version {
  readonly messageId: Hex32;
  /** The version that it replaces. */
  readonly base: Hex32 | null;
  readonly draft: Omit<DraftDocument, "id" | "forked">;
}

/** Puts a version in its place; the id of the draft that it is now, or null where it changes nothing. */
async function put(writer: StorageWriter, { messageId, base, draft }: Version, random: RandomBytes): Promise<string | null> {
  const all = await listDrafts(writer);
  if (all.some(({ version, former }) => version === messageId || former.includes(messageId))) return null;

  const mine = all.find(({ underWay = [] }) => underWay.includes(messageId));
  if (mine !== undefined) {
    // It left from here, and its answer was lost; more may have been written since.
    const underWay = (mine.underWay ?? []).filter((each) => each !== messageId);
    const former = [...(mine.version === null ? [] : [mine.version]), ...mine.former];
    if (mine.version !== null) putLeftover(writer, mine.version);
    putDraft(writer, { ...mine, version: messageId, former, underWay, synced: isSame(mine, draft) ? mine.edits : mine.synced });
    return null;
  }

  const before = all.find(({ version, ref }) => (base === null ? ref === draft.ref : version === base));
  if (before !== undefined) {
    const former = [...draft.former, ...(before.version === null ? [] : [before.version]), ...before.former];
    if (isUnsynced(before) && !isSame(before, draft)) {
      // What is written here goes on as a draft of its own.
      const ref = toHex32(random(32));
      putDraft(writer, { ...before, id: ref, ref, version: null, former: [], forked: true });
      putDraft(writer, { ...draft, id: before.id, former, forked: true });
    } else putDraft(writer, { ...draft, id: before.id, former, forked: before.forked });
    return before.id;
  }

  const others = all.filter(({ ref }) => ref === draft.ref);
  const twin = others.find((each) => isSame(each, draft));
  if (twin !== undefined) {
    // What was written here was synced, and the answer was lost.
    putDraft(writer, { ...twin, version: messageId, former: [...draft.former, ...twin.former], synced: twin.edits });
    return twin.id;
  }
  for (const other of others) putDraft(writer, { ...other, forked: true });
  const id = others.length === 0 ? draft.ref : toHex(hash(utf8(`smimp draft ${messageId}`)));
  putDraft(writer, { ...draft, id, forked: others.length > 0 });
  return id;
}

/** A version can't be read by new devices any more: what is here is to be synced anew. */
export async function renewVersion(writer: StorageWriter, messageId: Hex32): Promise<void> {
  const draft = (await listDrafts(writer)).find(({ version }) => version === messageId);
  if (draft !== undefined && !isUnsynced(draft)) putDraft(writer, { ...draft, edits: draft.edits + 1 });
}

/** A version is gone from the server: the draft went with it, unless more was written here since. */
export async function loseVersion(writer: StorageWriter, messageId: Hex32): Promise<void> {
  const draft = (await listDrafts(writer)).find(({ version }) => version === messageId);
  if (draft === undefined) return;
  if (isUnsynced(draft)) putDraft(writer, { ...draft, version: null, former: [messageId, ...draft.former] });
  else deleteDraft(writer, draft.id);
}

/** The message that is sent of a draft: the same on every device, so that nobody gets it twice; another one for each side of a fork. */
export function refToSend({ forked, version, ref }: DraftDocument): Hex32 {
  return forked && version !== null ? toHex32(hash(utf8(`smimp draft ${version}`))) : ref;
}

/** What is written of a version, for the server. */
export function toPlaintext(draft: DraftDocument, attachments: DraftEmail["attachments"]): DraftEmail {
  const { ref, savedAt, version, former } = draft;
  const { automatic, ...text } = draft.text;
  // What it was written on may be gone meanwhile: then it is still not on what another device made of that.
  const base = version ?? former[0];
  const extensions = { ...(base === undefined ? {} : { draft_base: base }), ...(automatic === undefined ? {} : { auto_reply: true }) };
  return { ...text, ref, date_sent: savedAt, attachments, ...(Object.keys(extensions).length === 0 ? {} : { extensions }) };
}

function isSame(a: Pick<DraftDocument, "text" | "attachments">, b: Pick<DraftDocument, "text" | "attachments">): boolean {
  return JSON.stringify(wordsOf(a)) === JSON.stringify(wordsOf(b));
}

function wordsOf({ text, attachments }: { readonly text: DraftText; readonly attachments: readonly DraftAttachmentDocument[] }): unknown {
  const names = Object.entries(text).toSorted(([a], [b]) => (a < b ? -1 : 1));
  return [names, attachments.map(({ name, media_type, size }) => [name, media_type, size])];
}
