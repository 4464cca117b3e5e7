import type { SearchHit } from "@smimp/client";
import type { Hex32 } from "@smimp/protocol";
import { useRef, useState, type KeyboardEvent, type ReactNode } from "react";
import { useShortcuts } from "../../app/shortcuts.ts";
import { useMessages } from "../../messages/messages.tsx";
import { HITS_ID } from "./hits-id.ts";
import { useFolderName } from "./folder-name.ts";
import classes from "./hit-list.module.css";
import { HitRow } from "./hit-row.tsx";

/** What was found. One tab stop for all; arrow keys go from one to the next. */
export function HitList({ hits, message }: { readonly hits: readonly SearchHit[]; readonly message: Hex32 | null }): ReactNode {
  const { search } = useMessages();
  const folderName = useFolderName();
  const list = useRef<HTMLUListElement>(null);
  const [at, setAt] = useState(0);
  const current = Math.min(at, hits.length - 1);

  function focus(index: number): void {
    const to = Math.max(0, Math.min(hits.length - 1, index));
    setAt(to);
    list.current?.querySelectorAll<HTMLElement>("a").item(to).focus();
  }

  function step(by: number): void {
    const open = hits.findIndex(({ messageId }) => messageId === message);
    const next = (open < 0 ? current : open) + by;
    focus(next);
    // With a message open, the next one is opened.
    if (open >= 0)
      list.current
        ?.querySelectorAll<HTMLElement>("a")
        .item(Math.max(0, Math.min(hits.length - 1, next)))
        .click();
  }

  function press(event: KeyboardEvent): void {
    if (event.key === "ArrowUp" && current === 0) document.querySelector<HTMLElement>("search input")?.focus();
    else if (event.key === "ArrowUp") focus(current - 1);
    else if (event.key === "ArrowDown") focus(current + 1);
    else if (event.key === "Home") focus(0);
    else if (event.key === "End") focus(hits.length - 1);
    else return;
    event.preventDefault();
  }

  useShortcuts({ j: () => step(1), k: () => step(-1) });
  return (
    // oxlint-disable-next-line jsx-a11y/no-noninteractive-element-interactions -- arrow keys go from link to link
    <ul id={HITS_ID} ref={list} className={classes["hits"]} aria-label={search.results} onKeyDown={press}>
      {hits.map((hit, index) => (
        <HitRow
          key={hit.messageId}
          hit={hit}
          place={hit.folder === null ? null : folderName(hit.folder)}
          isCurrent={index === current}
          isOpen={hit.messageId === message}
          onFocus={() => setAt(index)}
        />
      ))}
    </ul>
  );
}
