import { useEffect, type ReactNode } from "react";
import type { InboxSummary } from "@smimp/client";
import { listMarkOf } from "../../app/marks.ts";
import { SHORT_MESSAGE_TYPE } from "../../app/message-types.ts";
import { useEngineEvents } from "../../app/engine.tsx";
import { useNames } from "../../app/names.ts";
import { pathOf, type Place } from "../../app/places.ts";
import { preferences } from "../../app/preferences.ts";
import { oneLine } from "../../app/text.ts";
import { useTitle } from "../../app/title.ts";
import { useMessages } from "../../messages/messages.tsx";
import { sectionOf } from "../settings/sections.ts";

/** What the window shows of the mailbox while one looks elsewhere: how much is unread in its title and on the app's icon, and what came in. */
export function Live({ place, unread }: { readonly place: Place; readonly unread: number }): ReactNode {
  const messages = useMessages();
  const { mailbox, shell } = messages;
  const nameOf = useNames();
  const section = place.room === "settings" ? sectionOf(place.path[0]) : null;
  useTitle(shell.title(section === null ? mailbox.rooms[place.room] : messages.settings.sections[section], unread));

  useEffect(() => {
    void (unread === 0 ? navigator.clearAppBadge?.() : navigator.setAppBadge?.(unread))?.catch(() => undefined);
  }, [unread]);
  useEffect(() => () => void navigator.clearAppBadge?.()?.catch(() => undefined), []);
  useEngineEvents((event) => {
    if (event.type !== "message" || !isWorthTelling(event.message)) return;
    const { from, imported, marks } = event.message;
    const mark = listMarkOf(marks);
    // Nobody's name is given to what may be somebody else's.
    const who = mark === null ? nameOf(from) : oneLine(imported?.from ?? from);
    void notify(event.message, who, { nothing: shell.newMessage, warning: mark === null ? null : mailbox.marks[mark] });
  });
  return null;
}

function isWorthTelling({ own, read, folder, state }: InboxSummary): boolean {
  if (own || read || folder !== null || state !== "open") return false;
  return (
    document.visibilityState === "hidden" &&
    preferences().notifications &&
    "Notification" in globalThis &&
    Notification.permission === "granted"
  );
}

/** Shows a notification; who chooses it comes to the message. */
async function notify(
  { messageId, messageType, from, subject, preview }: InboxSummary,
  who: string,
  { nothing, warning }: { readonly nothing: string; readonly warning: string | null },
): Promise<void> {
  const isShort = messageType === SHORT_MESSAGE_TYPE;
  const data = `#${pathOf(isShort ? { room: "chat", with: from } : { room: "inbox", message: messageId })}`;
  const text = oneLine(isShort ? preview : subject) || nothing;
  const body = warning === null ? text : `${warning}: ${text}`;
  const registration = await navigator.serviceWorker?.getRegistration();
  const options = { body, tag: messageId, data, icon: "icon.svg" };
  if (registration !== undefined) return await registration.showNotification(who, options);
  const shown = new Notification(who, options);
  shown.addEventListener("click", () => {
    focus();
    location.hash = data;
    shown.close();
  });
}
