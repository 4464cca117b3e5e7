import { useEffect, useEffectEvent, useRef, type KeyboardEvent, type ReactNode } from "react";
import { goTo, usePlace } from "../../app/places.ts";
import { searchFor, useSearchedFor } from "../../app/searching.ts";
import { useShortcuts } from "../../app/shortcuts.ts";
import { useMessages } from "../../messages/messages.tsx";
import { IconButton } from "../../ui/button.tsx";
import { Icon } from "../../ui/icon.tsx";
import { HITS_ID } from "./hits-id.ts";
import { useIndexing } from "./indexing.ts";
import classes from "./search-field.module.css";

/** The field in which everything begins to be searched: what is typed is found at once. */
export function SearchField(): ReactNode {
  const { search } = useMessages().shell;
  const place = usePlace();
  const query = useSearchedFor();
  const { start } = useIndexing();
  const input = useRef<HTMLInputElement>(null);
  const isHere = place.room === "search";
  const isReading = (place.message ?? null) !== null;
  const shown = isHere ? query : "";

  const arrive = useEffectEvent(() => {
    // Whoever goes to the search wants to type, unless a result is open.
    if (!isReading) input.current?.focus();
  });
  useEffect(() => {
    if (isHere) arrive();
  }, [isHere]);
  useShortcuts({ "/": () => input.current?.focus() });

  function type(text: string): void {
    searchFor(text);
    if (!isHere || isReading) goTo({ room: "search", query: text });
  }

  function press(event: KeyboardEvent): void {
    if (event.key === "ArrowDown") document.getElementById(HITS_ID)?.querySelector<HTMLElement>("a[tabindex='0']")?.focus();
    else if (event.key === "Escape" && shown !== "") type("");
    else if (event.key === "Escape") input.current?.blur();
    else return;
    event.preventDefault();
  }

  return (
    <search className={classes["field"]}>
      <span className={classes["icon"]}>
        <Icon name="search" size={18} />
      </span>
      <input
        ref={input}
        type="search"
        className={classes["input"]}
        aria-label={search.label}
        placeholder={search.placeholder}
        value={shown}
        onFocus={start}
        onChange={({ target }) => type(target.value)}
        onKeyDown={press}
        autoComplete="off"
        autoCapitalize="none"
        autoCorrect="off"
        spellCheck={false}
        enterKeyHint="search"
      />
      {shown === "" ? null : (
        <IconButton
          icon="close"
          label={search.clear}
          onPress={() => {
            type("");
            input.current?.focus();
          }}
        />
      )}
    </search>
  );
}
