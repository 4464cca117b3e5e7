/**
 * The invite link that the page was opened with, whole: its code stands behind the `#`, which browsers send nowhere. Null where the
 * page was opened in another way.
 */
export function takeInvite({ origin, pathname, hash }: Pick<Location, "origin" | "pathname" | "hash">): string | null {
  if (!pathname.endsWith("/join")) return null;
  return `${origin}${pathname}${hash}`;
}

/** Leaves the address of an invite: the mailbox is at the base URL, and the code stands in the address bar no more. */
export function leaveInvite(): void {
  if (location.pathname.endsWith("/join")) history.replaceState(null, "", "./#/");
}
