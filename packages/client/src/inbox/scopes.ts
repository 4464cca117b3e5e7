import type { Hex32 } from "@smimp/protocol";
import type { InboxSummary } from "../model.ts";
import type { Storage } from "../storage/storage.ts";

/** What a list can be narrowed to. */
export type Scope =
  | { readonly view: "all" | "inbox" | "sent" | "starred" }
  | { readonly folder: string }
  | { readonly label: string }
  | { readonly thread: Hex32 };

/** Digits of a scope's name in keys: the name itself is hidden, since labels tell something. */
const SCOPE_DIGITS = 32;

/** Whether a scope holds every message there is. */
export function isAll(scope: Scope): boolean {
  return "view" in scope && scope.view === "all";
}

/** Whether a line stands in a list. */
export function isIn(scope: Scope, { folder, labels, own, starred, threadId, from, recipients }: InboxSummary): boolean {
  if ("label" in scope) return labels.includes(scope.label);
  if ("folder" in scope) return folder === scope.folder;
  if ("thread" in scope) return threadId === scope.thread;
  // What somebody writes to themselves is both sent and received.
  return { all: true, inbox: folder === null && (!own || recipients.includes(from)), sent: own, starred }[scope.view];
}

/** The lists that a line stands in, by the names that keys call them. */
export function scopesOf(storage: Storage, summary: InboxSummary | null): ReadonlyMap<string, Scope> {
  if (summary === null) return new Map();
  const { folder, labels, threadId } = summary;
  const views = (["all", "inbox", "sent", "starred"] as const).map((view) => ({ view }));
  const scopes: Scope[] = [...views.filter((view) => isIn(view, summary)), ...labels.map((label) => ({ label }))];
  if (threadId !== null) scopes.push({ thread: threadId });
  if (folder !== null) scopes.push({ folder });
  return new Map(scopes.map((scope) => [nameOf(storage, scope), scope]));
}

/** What keys call a scope. */
export function nameOf(storage: Storage, scope: Scope): string {
  return hiddenName(storage, "inbox-index", scope);
}

/** What keys of a collection call what is narrowed down so. */
export function hiddenName(storage: Storage, collection: string, scope: object): string {
  return storage.hiddenKey(collection, JSON.stringify(scope)).slice(0, SCOPE_DIGITS);
}
