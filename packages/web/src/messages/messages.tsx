import { createContext, useContext, type ReactNode } from "react";
import type { Language } from "../app/preferences.ts";
import type { Messages } from "./parts.ts";

export { loadPart, type Messages } from "./parts.ts";
export { loadMessages } from "./texts.ts";

const MessagesContext = createContext<{ readonly messages: Messages; readonly language: Language } | null>(null);

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
