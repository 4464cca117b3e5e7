import type { Messages } from "../messages.tsx";

/** Texte zu Listen, Ordnern und Nachrichten. */
export const mailbox: Messages["mailbox"] = {
  write: "Schreiben",
  rooms: {
    inbox: "Eingang",
    starred: "Mit Stern",
    sent: "Gesendet",
    all: "Alle Nachrichten",
    drafts: "Entwürfe",
    outbox: "Ausgang",
    chat: "Chats",
    search: "Suche",
    contacts: "Kontakte",
    settings: "Einstellungen",
  },
  navigation: "Orte",
};
