import type { Draft, InboxMessage } from "@smimp/client";
import type { Address } from "@smimp/protocol";
import type { Node } from "prosemirror-model";
import type { Composing } from "../../app/composing.ts";
import { oneLine, shownName } from "../../app/text.ts";
import type { AttachedFile } from "../../engine/calls/writing.ts";
import type { Engine } from "../../engine/connect.ts";
import type { Messages } from "../../messages/messages.tsx";
import { fromMarkdown } from "./editor/from-markdown.ts";
import { answerOf, forwardOf, lettersOf, type Quoting } from "./quoting.ts";

/** A message as it is when somebody begins, or goes on, to write it. */
export interface Letter extends Pick<Draft, "replyTo" | "answersTo" | "autoAnswersTo"> {
  readonly to: readonly Address[];
  readonly cc: readonly Address[];
  readonly bcc: readonly Address[];
  readonly subject: string;
  readonly doc: Node;
  readonly files: readonly AttachedFile[];
  readonly draftId: string | null;
}

/** Characters of a subject that messages can have. */
export const MAX_SUBJECT = 1_024;

/** What a letter is begun with. */
export interface LetterParts {
  readonly engine: Engine;
  readonly me: Address;
  readonly compose: Messages["compose"];
  readonly long: (at: string) => string;
}

const NOBODY = { to: [], cc: [], bcc: [] } as const;

/** The letter that somebody wants to write. Rejects with an EngineError where what it is about is not there. */
export async function beginLetter(parts: LetterParts, composing: Composing): Promise<Letter> {
  const { engine, me } = parts;
  if (composing.kind === "draft") return await openDraft(engine, composing.draftId);
  const signature = await engine.call("signature.get", []).catch(() => null);
  if (composing.kind === "new") {
    const { to = [], subject = "", body = "" } = composing;
    return { ...NOBODY, to, subject, doc: lettersOf(body, signature), files: [], draftId: null };
  }
  const message = await engine.call("inbox.read", [composing.messageId]);
  const quoting = await quotingOf(parts, message, signature);
  if (composing.kind === "forward") {
    const files = message.attachments.map(({ index, name, mediaType, size }): AttachedFile => ({
      key: crypto.randomUUID(),
      name,
      mediaType,
      size,
      content: { messageId: message.messageId, index },
    }));
    return {
      ...NOBODY,
      subject: withPrefix("Fwd:", /^\s*(?:fwd?|wg)\s*:/i, message.subject),
      doc: forwardOf(quoting),
      files,
      draftId: null,
    };
  }
  const { ref, threadId } = message;
  return {
    ...answerTo(message, composing.kind === "reply-all", me),
    bcc: [],
    subject: withPrefix("Re:", /^\s*(?:re|aw|antw)\s*:/i, message.subject),
    doc: answerOf(quoting),
    files: [],
    draftId: null,
    ...(ref === null ? {} : { replyTo: { ref, threadId } }),
  };
}

/** A draft as it is now. */
export async function openDraft(engine: Engine, draftId: string): Promise<Letter> {
  const { message } = await engine.call("drafts.open", [draftId]);
  const { to, cc = [], bcc = [], subject, body, attachments: files, ...rest } = message;
  return { ...rest, to, cc, bcc, subject, doc: fromMarkdown(body), files, draftId };
}

async function quotingOf({ engine, compose, long }: LetterParts, message: InboxMessage, signature: string | null): Promise<Quoting> {
  const { from, imported, to, cc, dateSent, receivedAt, subject, body, messageType } = message;
  const people = [from, ...to, ...cc];
  const names = await engine.call("people.names", [people]).catch(() => people.map(() => null));
  const shown = people.map((address, index) => {
    const name = shownName(names[index]);
    return name === null ? address : `${name} (${address})`;
  });
  const [who = from, ...others] = shown;
  return {
    compose,
    who: imported === null ? who : oneLine(imported.from),
    to: (imported?.to.map((each) => oneLine(each)) ?? others).join(", "),
    when: long(imported?.date ?? dateSent ?? receivedAt),
    subject,
    body,
    isPlain: messageType === "short-message",
    signature,
  };
}

/** Whom an answer goes to: whoever wrote, or where they want answers; to one's own message, those it went to. */
function answerTo(message: InboxMessage, all: boolean, me: Address): { readonly to: readonly Address[]; readonly cc: readonly Address[] } {
  const { from, answersTo, to, cc, own, imported } = message;
  // Mail from elsewhere has no address here.
  if (imported !== null) return { to: [], cc: [] };
  const first = own ? to : [answersTo ?? from];
  if (!all) return { to: first, cc: [] };
  const others = (people: readonly Address[], besides: readonly Address[]): readonly Address[] =>
    people.filter((each, index) => each !== me && !besides.includes(each) && people.indexOf(each) === index);
  const everybody = [...first, ...others(own ? [] : to, first)];
  return { to: everybody, cc: others(cc, everybody) };
}

function withPrefix(prefix: string, known: RegExp, subject: string): string {
  return (known.test(subject) ? subject : `${prefix} ${subject}`).slice(0, MAX_SUBJECT).toWellFormed();
}
