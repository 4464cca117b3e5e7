import { onPreferences, preferences } from "./preferences.ts";

/** Keeps the page's theme as the owner, or their system, wants it. */
export function followTheme(): void {
  const dark = matchMedia("(prefers-color-scheme: dark)");
  const apply = (): void => {
    const { theme } = preferences();
    document.documentElement.dataset["theme"] = theme === "system" ? (dark.matches ? "dark" : "light") : theme;
  };
  apply();
  dark.addEventListener("change", apply);
  onPreferences(apply);
}
