import { useSyncExternalStore } from "react";

/** How much room there is: for places, a list and a message; for two of them; for one. */
export type Screen = "wide" | "medium" | "narrow";

// In em, so that larger text and zoom count as less room.
const wide = matchMedia("(min-width: 68.75em)");
const medium = matchMedia("(min-width: 44em)");

/** How much room there is, also when it changes. */
export function useScreen(): Screen {
  return useSyncExternalStore(subscribe, () => (wide.matches ? "wide" : medium.matches ? "medium" : "narrow"));
}

function subscribe(listener: () => void): () => void {
  for (const query of [wide, medium]) query.addEventListener("change", listener);
  return () => {
    for (const query of [wide, medium]) query.removeEventListener("change", listener);
  };
}
