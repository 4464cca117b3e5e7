import type { ReactNode } from "react";
import { openComposer } from "../../app/composing.ts";
import { hrefOf, type Place } from "../../app/places.ts";
import { useMessages } from "../../messages/messages.tsx";
import { Button } from "../../ui/button.tsx";

const PLACES: readonly Place[] = [
  { room: "inbox" },
  { room: "chat", with: null },
  { room: "starred" },
  { room: "drafts" },
  { room: "outbox" },
  { room: "sent" },
  { room: "all" },
  { room: "search", query: "" },
  { room: "contacts", path: [] },
  { room: "settings", path: [] },
];

/** Where one can go. */
export function Navigation({ address, place }: { readonly address: string; readonly place: Place }): ReactNode {
  const { mailbox } = useMessages();
  return (
    <nav aria-label={mailbox.navigation}>
      <p>{address}</p>
      <Button kind="primary" icon="draft" onPress={() => openComposer({ kind: "new" })}>
        {mailbox.write}
      </Button>
      <ul>
        {PLACES.map((each) =>
          each.room === "folder" || each.room === "label" ? null : (
            <li key={each.room}>
              <a href={hrefOf(each)} {...(each.room === place.room ? { "aria-current": "page" as const } : {})}>
                {mailbox.rooms[each.room]}
              </a>
            </li>
          ),
        )}
      </ul>
    </nav>
  );
}
