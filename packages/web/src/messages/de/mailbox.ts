import type { Messages } from "../messages.tsx";

/** Texte zu Listen, Ordnern und Nachrichten. */
export const mailbox: Messages["mailbox"] = {
  inbox: "Eingang",
  write: "Schreiben",
};
