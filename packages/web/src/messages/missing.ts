import type { Language } from "../app/preferences.ts";

/** What is said where the texts themselves could not be fetched: these stand in the first file of all. */
export interface MissingTexts {
  readonly title: string;
  readonly text: string;
  readonly reload: string;
}

const TEXTS: Readonly<Record<Language, MissingTexts>> = {
  en: {
    title: "This page could not be loaded completely",
    text: "A newer version may have come meanwhile, or the connection is gone. Your messages are safe.",
    reload: "Load again",
  },
  de: {
    title: "Diese Seite konnte nicht ganz geladen werden",
    text: "Vielleicht ist inzwischen eine neuere Version da, oder die Verbindung ist weg. Ihre Nachrichten sind sicher.",
    reload: "Neu laden",
  },
};

/** These texts in a language. */
export function missingTexts(language: Language): MissingTexts {
  return TEXTS[language];
}
