import { useSyncExternalStore, type ReactNode } from "react";
import { languageOf, onPreferences, prefer, preferences, type Language, type Theme } from "../../app/preferences.ts";
import { useMessages } from "../../messages/messages.tsx";
import { Radios } from "../../ui/radios.tsx";
import { Select } from "../../ui/select.tsx";
import { Switch } from "../../ui/switch.tsx";
import { Group, Section } from "./section.tsx";

/** Languages in their own words. */
const NAMES: Readonly<Record<Language, string>> = { en: "English", de: "Deutsch" };
const THEMES: readonly Theme[] = ["system", "light", "dark"];

/** How the interface looks in this browser: colours, language, keys. */
export function Appearance(): ReactNode {
  const { settings } = useMessages();
  const { appearance: texts } = settings;
  const now = useSyncExternalStore(onPreferences, preferences);
  const own = languageOf({ ...now, language: null });
  return (
    <Section title={settings.sections.appearance} intro={texts.intro}>
      <Group title={texts.theme}>
        <Radios
          label={texts.theme}
          hideLabel
          value={now.theme}
          onChange={(theme) => prefer({ theme })}
          options={THEMES.map((theme) => ({ value: theme, label: texts.themes[theme], text: texts.themes[`${theme}Text`] }))}
        />
      </Group>
      <Group title={texts.language}>
        <Select
          label={texts.language}
          hideLabel
          value={now.language ?? "own"}
          onChange={(value) => prefer({ language: value === "own" ? null : value })}
          options={[
            { value: "own" as const, label: texts.ownLanguage(NAMES[own]) },
            { value: "en" as const, label: NAMES.en, lang: "en" },
            { value: "de" as const, label: NAMES.de, lang: "de" },
          ]}
        />
      </Group>
      <Group title={texts.keys}>
        <Switch label={texts.keysOn} text={texts.keysText} isOn={now.shortcuts} onChange={(shortcuts) => prefer({ shortcuts })} />
      </Group>
    </Section>
  );
}
