import { lazy, useState, type ReactNode } from "react";
import { useMessages } from "../../messages/messages.tsx";
import { Beside } from "../../ui/beside.tsx";
import { IconButton } from "../../ui/button.tsx";
import { useScreen } from "./screen.ts";

const Help = lazy(async () => ({ default: (await import("./help.tsx")).Help }));

/** Shows which keys there are, to who is likely to have any. */
export function HelpButton(): ReactNode {
  const { shell } = useMessages();
  const screen = useScreen();
  const [open, setOpen] = useState(false);
  if (screen === "narrow") return null;
  return (
    <>
      <IconButton icon="help" label={shell.help.open} onPress={() => setOpen(true)} />
      {open ? (
        <Beside>
          <Help onClose={() => setOpen(false)} />
        </Beside>
      ) : null}
    </>
  );
}
