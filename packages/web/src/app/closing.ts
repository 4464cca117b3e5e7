import { navigate } from "wouter/use-hash-location";
import { clearToasts } from "../ui/toasts.tsx";
import type { MailboxState } from "../engine/protocol.ts";
import { searchFor } from "./searching.ts";

// What stands outside the mailbox's views, and goes with them once it is closed: what was searched for, toasts, the place in the
// address bar, notifications.

/** Places before the mailbox, and addresses that name none. */
const OUTSIDE = /^(?:#\/?(?:invite|restore|link)?|#[^/].*|)$/;
/** Where somebody was when it was closed: they come back to it. It stands in memory alone. */
let former: string | null = null;

/** Follows where the mailbox stands. */
export function followClosing({ kind }: Pick<MailboxState, "kind">): void {
  if (kind === "open") {
    const place = former;
    former = null;
    if (place !== null && OUTSIDE.test(location.hash)) navigate(place, { replace: true });
    return;
  }
  searchFor("");
  clearToasts();
  void clearNotifications().catch(() => undefined);
  if (!OUTSIDE.test(location.hash)) {
    former = location.hash.slice(1);
    navigate("/", { replace: true });
  }
  // Whoever opens another mailbox here was nowhere in it.
  if (kind === "empty" || kind === "joining") former = null;
}

async function clearNotifications(): Promise<void> {
  const registration = await navigator.serviceWorker?.getRegistration();
  for (const each of (await registration?.getNotifications()) ?? []) each.close();
}
