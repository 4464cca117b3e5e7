import type { Folder } from "@smimp/client";
import type { Address } from "@smimp/protocol";
import type { FiledMessage, ThreadList } from "../../engine/calls/messages.ts";

type Filed = Pick<FiledMessage, "folder" | "own" | "recipients">;

/** Whether a message stands in the inbox: what was sent lies in no folder either. */
export function isInInbox({ folder, own, recipients }: Filed, me: Address | null): boolean {
  return folder === null && (!own || (me !== null && recipients.includes(me)));
}

/** Where something can be moved with one touch. */
export interface Filing {
  readonly archive: boolean;
  readonly toInbox: boolean;
}

/** Whether what stands in a list lies in several places. */
export function isMixed({ view, folder }: ThreadList): boolean {
  return folder === undefined && view !== "inbox" && view !== "sent";
}

/** Where conversations can be moved with one touch, from where they are looked at: nothing is offered that would change nothing. */
export function filingOf(
  { list, role, messages }: { readonly list: ThreadList; readonly role: Folder["role"]; readonly messages: readonly Filed[] },
  me: Address | null,
): Filing {
  if (list.view === "sent") return { archive: false, toInbox: false };
  if (list.view === "inbox") return { archive: true, toInbox: false };
  if (list.folder !== undefined) return { archive: role !== "archive", toInbox: true };
  const archive = messages.some((each) => isInInbox(each, me));
  return { archive, toInbox: !archive && messages.some(({ folder }) => folder !== null) };
}

/** The message that a list shows of a conversation: the newest that stands in it, of all of its messages; null where none does. */
export function shownOf<Each extends Filed & Pick<FiledMessage, "starred" | "labels">>(
  { view, folder, label }: ThreadList,
  messages: readonly Each[],
  me: Address | null,
): Each | null {
  const stands = (each: Each): boolean => {
    if (folder !== undefined) return each.folder === folder;
    if (label !== undefined) return each.labels.includes(label);
    if (view === "sent") return each.own;
    if (view === "starred") return each.starred;
    return view === "all" || isInInbox(each, me);
  };
  return messages.findLast(stands) ?? null;
}
