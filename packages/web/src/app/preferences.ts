// What this browser remembers of how things shall look. Nothing of it is secret, so it lies in localStorage.

/** Languages that the interface speaks. */
export const LANGUAGES = ["en", "de"] as const;
/** A language of the interface. */
export type Language = (typeof LANGUAGES)[number];
/** How the interface looks. */
export type Theme = "system" | "light" | "dark";

/** Preferences of this browser. */
export interface Preferences {
  readonly theme: Theme;
  /** Null: the browser's own. */
  readonly language: Language | null;
  /** Whether the browser shows new messages as notifications. */
  readonly notifications: boolean;
  /** Whether single keys do things. */
  readonly shortcuts: boolean;
}

const KEY = "smimp-preferences";
const DEFAULTS: Preferences = { theme: "system", language: null, notifications: false, shortcuts: true };
const listeners = new Set<() => void>();
let current: Preferences | null = null;

/** The preferences as they are. */
export function preferences(): Preferences {
  current ??= read();
  return current;
}

/** Changes some of them, in this tab and all others. */
export function prefer(change: Partial<Preferences>): void {
  current = { ...preferences(), ...change };
  localStorage.setItem(KEY, JSON.stringify(current));
  for (const listener of listeners) listener();
}

/** Hears of changes; returns how to stop listening. */
export function onPreferences(listener: () => void): () => void {
  const elsewhere = ({ key }: StorageEvent): void => {
    if (key !== KEY) return;
    current = read();
    listener();
  };
  listeners.add(listener);
  addEventListener("storage", elsewhere);
  return () => {
    listeners.delete(listener);
    removeEventListener("storage", elsewhere);
  };
}

/** The language to speak: what was chosen, or the first of the browser's own that there is. */
export function languageOf({ language }: Preferences): Language {
  const wanted = [language, ...navigator.languages.map((each) => each.slice(0, 2))];
  return LANGUAGES.find((each) => wanted.find((one) => LANGUAGES.includes(one as Language)) === each) ?? "en";
}

function read(): Preferences {
  try {
    const stored = JSON.parse(localStorage.getItem(KEY) ?? "{}") as Partial<Preferences>;
    const theme = stored.theme === "light" || stored.theme === "dark" ? stored.theme : "system";
    const language = LANGUAGES.find((each) => each === stored.language) ?? null;
    return { theme, language, notifications: stored.notifications === true, shortcuts: stored.shortcuts !== false };
  } catch {
    return DEFAULTS;
  }
}
