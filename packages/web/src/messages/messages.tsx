import { createContext, useContext, type ReactNode } from "react";
import type { Language } from "../app/preferences.ts";
import type { en } from "./en/all.ts";

/** A message: a text, or what makes one of values. */
type Widened<Message> = Message extends string
  ? string
  : Message extends (...args: infer Args) => string
    ? (...args: Args) => string
    : { readonly [Key in keyof Message]: Widened<Message[Key]> };

/** Every text of the interface. English says which there are; another language that lacks one does not pass the type check. */
export type Messages = Widened<typeof en>;

const MessagesContext = createContext<{ readonly messages: Messages; readonly language: Language } | null>(null);

/** Texts of a language, each fetched when it is wanted. */
export async function loadMessages(language: Language): Promise<Messages> {
  return language === "de" ? (await import("./de/all.ts")).de : (await import("./en/all.ts")).en;
}

/** Makes texts known to all views below. */
export function MessagesProvider({
  messages,
  language,
  children,
}: {
  readonly messages: Messages;
  readonly language: Language;
  readonly children: ReactNode;
}): ReactNode {
  return <MessagesContext value={{ messages, language }}>{children}</MessagesContext>;
}

/** The texts of the chosen language. */
export function useMessages(): Messages {
  return useSpoken().messages;
}

/** The chosen language, for dates and numbers. */
export function useLanguage(): Language {
  return useSpoken().language;
}

function useSpoken(): { readonly messages: Messages; readonly language: Language } {
  const spoken = useContext(MessagesContext);
  if (spoken === null) throw new TypeError("views stand below a MessagesProvider");
  return spoken;
}
