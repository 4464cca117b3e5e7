import type { Address } from "@smimp/protocol";
import { useEffect, useState } from "react";
import { useEngine } from "../../app/engine.tsx";
import { shownName } from "../../app/text.ts";
import type { Suggestion } from "../../engine/calls/writing.ts";

/** Suggestions that are shown. */
const SHOWN = 6;

/** Contacts that may be meant by what was typed so far. */
export function useSuggestions(
  typed: string,
  without: readonly Address[],
): { readonly suggestions: readonly Suggestion[]; readonly dismiss: () => void } {
  const engine = useEngine();
  const [found, setFound] = useState<{ readonly typed: string; readonly all: readonly Suggestion[] }>({ typed: "", all: [] });
  const key = without.join(" ");
  useEffect(() => {
    if (typed.trim() === "") return undefined;
    const stop = new AbortController();
    const taken = (key === "" ? [] : key.split(" ")) as Address[];
    engine.call("contacts.suggest", [typed, taken, SHOWN], { signal: stop.signal }).then(
      (all) => {
        if (!stop.signal.aborted) setFound({ typed, all: all.map((each) => ({ ...each, name: shownName(each.name) })) });
      },
      () => undefined,
    );
    return () => stop.abort();
  }, [engine, typed, key]);
  return {
    // Those of a letter before are better than none for a moment, as long as they are still meant.
    suggestions: typed.trim() === "" || !typed.startsWith(found.typed) ? [] : found.all,
    dismiss: () => setFound({ typed, all: [] }),
  };
}
