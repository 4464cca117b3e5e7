import { lazy, useState, type ReactNode } from "react";
import { openComposer } from "../../app/composing.ts";
import { goTo } from "../../app/places.ts";
import { useShortcuts } from "../../app/shortcuts.ts";
import { Beside } from "../../ui/beside.tsx";
import { undoLatest } from "../../ui/toasts.tsx";

const Help = lazy(async () => ({ default: (await import("./help.tsx")).Help }));

/** Keys that work everywhere: to write, to search, to go somewhere, and to see which keys there are. */
export function ShellKeys(): ReactNode {
  const [help, setHelp] = useState(false);
  useShortcuts({
    c: () => openComposer({ kind: "new" }),
    "/": () => goTo({ room: "search", query: "" }),
    "?": () => setHelp(true),
    z: () => void undoLatest(),
    "g i": () => goTo({ room: "inbox" }),
    "g s": () => goTo({ room: "starred" }),
    "g d": () => goTo({ room: "drafts" }),
    "g t": () => goTo({ room: "sent" }),
    "g a": () => goTo({ room: "all" }),
    "g c": () => goTo({ room: "chat", with: null }),
    "g p": () => goTo({ room: "contacts", path: [] }),
    "g e": () => goTo({ room: "settings", path: [] }),
  });
  return help ? (
    <Beside>
      <Help onClose={() => setHelp(false)} />
    </Beside>
  ) : null;
}
