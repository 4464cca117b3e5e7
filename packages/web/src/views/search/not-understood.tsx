import type { NotUnderstood as Misfit } from "@smimp/client";
import { useEffect, useState, type ReactNode } from "react";
import { useMessages } from "../../messages/messages.tsx";
import classes from "./not-understood.module.css";

/** Nobody is told while they are still typing, milliseconds. */
const PATIENCE = 1_200;

/** Says what of a query was not understood, once its author has paused. */
export function NotUnderstood({
  what,
  typed,
  query,
}: {
  readonly what: readonly Misfit[];
  /** How pieces were typed, by what the engine calls them. */
  readonly typed: ReadonlyMap<string, string>;
  readonly query: string;
}): ReactNode {
  const { search } = useMessages();
  const [paused, setPaused] = useState<string | null>(null);
  useEffect(() => {
    const timer = setTimeout(() => setPaused(query), PATIENCE);
    return () => clearTimeout(timer);
  }, [query]);
  function told({ text, taken }: Misfit): string {
    if (taken === "no_folder") return search.noPlace(text.slice(text.indexOf(":") + 1));
    return taken === "words" ? search.notUnderstood(typed.get(text) ?? text) : search.narrowsNothing(typed.get(text) ?? text);
  }

  return (
    <div role="status" className={classes["told"]}>
      {paused === query
        ? what.map((each) => (
            <p key={each.text} className={classes["word"]}>
              {told(each)}
            </p>
          ))
        : null}
    </div>
  );
}
