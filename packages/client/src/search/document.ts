import type { InboxSummary } from "../model.ts";
import type { IndexedState, SearchableContent, SearchDocument } from "./model.ts";
import { searchable } from "./text.ts";

/** Characters of a body that are indexed: far more than anybody writes, and a bound for what a stranger may send. */
const MAX_BODY = 500_000;
/** Characters of each other text. */
const MAX_TEXT = 10_000;

/** What changes of a message after it came. */
export function stateOf({ read, starred, folder, labels }: InboxSummary): IndexedState {
  return { unread: !read, starred, folder, labels };
}

/** What is searched of a whole message. */
export function documentOf(summary: InboxSummary, content: SearchableContent, senderName: string): SearchDocument {
  const { to, cc, body, attachments } = content;
  return {
    ...documentOfSummary(summary, senderName),
    recipients: textOf([...to, ...cc, ...importedRecipients(summary)]),
    body: searchable(body.slice(0, MAX_BODY)),
    files: textOf(attachments.map(({ name }) => name)),
    attachment: attachments.length > 0,
    whole: true,
  };
}

/** What can be searched of a message while only its summary is here. */
export function documentOfSummary(summary: InboxSummary, senderName: string): SearchDocument {
  const { messageId, receivedAt, from, imported, own, recipients, subject, preview } = summary;
  return {
    ...stateOf(summary),
    messageId,
    receivedAt,
    // Of imported mail the owner is the sender here, and somebody else was it there.
    sender: textOf(imported === null ? [from, senderName] : [imported.from]),
    recipients: textOf([...recipients, ...importedRecipients(summary)]),
    subject: textOf([subject]),
    body: textOf([preview]),
    files: "",
    attachment: false,
    // A note to oneself was received, too.
    own: own && !recipients.includes(from),
    whole: false,
  };
}

function importedRecipients({ imported }: InboxSummary): readonly string[] {
  return imported === null ? [] : [...imported.to, ...imported.cc];
}

function textOf(texts: readonly string[]): string {
  return searchable(texts.join("\n").slice(0, MAX_TEXT));
}
