import { useEffect, useRef, useState, type ReactNode } from "react";
import type { OpenComposer } from "../../app/composing.ts";
import { useMessages } from "../../messages/messages.tsx";
import { useScreen } from "../shell/screen.ts";
import classes from "./compose.module.css";
import { ComposerWindow, type WindowMode } from "./composer-window.tsx";

/** What is being written, over whatever room somebody is in. */
export function Compose({ composers }: { readonly composers: readonly OpenComposer[] }): ReactNode {
  const { compose } = useMessages();
  const [full, setFull] = useState(false);
  const isPhone = useScreen() === "narrow";
  const root = useRef<HTMLDivElement>(null);
  const covers = composers.some(({ shown }) => shown) && (full || isPhone);
  useAlone(root, covers);
  const modeOf = ({ shown }: OpenComposer): WindowMode => (!shown ? "bar" : isPhone ? "phone" : full ? "full" : "panel");

  return (
    <div ref={root} role="region" aria-label={compose.open} className={classes["composers"]}>
      {covers && !isPhone ? <div className={classes["scrim"]} /> : null}
      {composers.map((each) => (
        <ComposerWindow key={each.id} composer={each} mode={modeOf(each)} onFull={setFull} />
      ))}
    </div>
  );
}

/** Keeps keyboard and screen reader out of all else, as long as it is covered. */
function useAlone(root: { readonly current: HTMLElement | null }, alone: boolean): void {
  useEffect(() => {
    if (!alone) return undefined;
    const others = [...(root.current?.parentElement?.children ?? [])].filter(
      (each) => each !== root.current && !each.contains(root.current),
    );
    const made = others.filter((each): each is HTMLElement => each instanceof HTMLElement && !each.inert);
    for (const each of made) each.inert = true;
    return () => {
      for (const each of made) each.inert = false;
    };
  }, [root, alone]);
}
