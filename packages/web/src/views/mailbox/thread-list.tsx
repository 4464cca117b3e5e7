import { useVirtualizer, defaultRangeExtractor, type Virtualizer } from "@tanstack/react-virtual";
import {
  useEffect,
  useImperativeHandle,
  useRef,
  useState,
  type DragEvent,
  type KeyboardEvent,
  type MouseEvent,
  type ReactNode,
  type Ref,
} from "react";
import type { ThreadSummary } from "@smimp/client";
import type { Hex32 } from "@smimp/protocol";
import { RowToCome, ThreadRow, type RowEvents } from "./thread-row.tsx";
import classes from "./thread-list.module.css";
import type { Visible } from "./visible.ts";
import { keyOf, refOf } from "./threads.ts";
import type { Selection } from "./selection.ts";

/** Rows that are drawn beyond what is seen, on either side. */
const BEYOND = 10;
/** The height of a row, rem. */
const ROW = 5.125;

/** What somebody does with rows, by their positions. */
export interface ListEvents extends RowEvents {
  readonly onOpen: (position: number, event: MouseEvent) => void;
  readonly onDrag: (position: number, event: DragEvent) => void;
}

/** What a list can be told to do. */
export interface ListHandle {
  /** Puts the focus on a row, by default the one that had it. */
  focus(index?: number): void;
  /** Brings a row into view, to go on from there. */
  show(index: number): void;
  /** The row that has the focus; null where that is elsewhere. */
  focused(): number | null;
  /** The row that has the focus, or had it last. */
  last(): number;
}

/** Conversations one below the other, of which only those in view are drawn. Arrow keys go through them. */
export function ThreadList({
  label,
  visible,
  selection,
  open,
  isSent,
  events,
  onKey,
  handle,
}: {
  readonly label: string;
  readonly visible: Visible;
  readonly selection: Selection;
  /** The message that is open. */
  readonly open: Hex32 | null;
  readonly isSent: boolean;
  readonly events: ListEvents;
  /** Keys that the list itself has no use for; `true` where they were used. */
  readonly onKey: (index: number, event: KeyboardEvent) => boolean;
  readonly handle: Ref<ListHandle>;
}): ReactNode {
  const { count, at, want, top: head } = visible;
  const scroller = useRef<HTMLDivElement>(null);
  const [focused, setFocused] = useState<{ readonly index: number; readonly key: Hex32 | null }>({ index: 0, key: null });
  const height = useRowHeight();
  // A row is found again wherever it is by now; where it is gone, the one in its place has the focus.
  const last = Math.max(0, Math.min((focused.key === null ? null : head.indexOfKey(focused.key)) ?? focused.index, count - 1));
  const focusOn = (index: number): void => setFocused({ index, key: head.keyAt(index) });

  // No compiler memoizes what it gives.
  // oxlint-disable-next-line react/incompatible-library
  const virtualizer = useVirtualizer({
    count,
    getScrollElement: () => scroller.current,
    estimateSize: () => height,
    overscan: BEYOND,
    // The row with the focus stays, wherever one scrolls: the focus would be lost with it.
    rangeExtractor: (range) => [...new Set([...defaultRangeExtractor(range), last])].filter((each) => each < count).sort((a, b) => a - b),
  });
  useEffect(() => virtualizer.measure(), [virtualizer, height]);
  const items = virtualizer.getVirtualItems();
  const { startIndex = 0, endIndex = 0 } = virtualizer.range ?? {};
  useEffect(() => want(startIndex, endIndex), [want, startIndex, endIndex]);
  useStill(virtualizer, height, head);
  useKeptFocus(scroller, () => focusRow(last));

  function show(index: number): number {
    const to = Math.max(0, Math.min(index, count - 1));
    focusOn(to);
    virtualizer.scrollToIndex(to, { align: "auto" });
    return to;
  }
  function focusRow(index: number): void {
    const to = show(index);
    // It may have to be drawn first.
    const attempt = (left: number): void => {
      const row = scroller.current?.querySelector<HTMLElement>(`[data-index="${to}"]`);
      if (row !== null && row !== undefined) row.focus({ preventScroll: true });
      else if (left > 0) requestAnimationFrame(() => attempt(left - 1));
    };
    attempt(20);
  }
  useImperativeHandle(handle, () => ({
    focus: (index = last) => focusRow(index),
    show: (index) => void show(index),
    focused: () => (scroller.current?.contains(document.activeElement) === true ? last : null),
    last: () => last,
  }));

  function onKeyDown(event: KeyboardEvent): void {
    const page = Math.max(1, Math.floor((scroller.current?.clientHeight ?? height) / height) - 1);
    const to = { ArrowDown: last + 1, ArrowUp: last - 1, PageDown: last + page, PageUp: last - page, Home: 0, End: count - 1 }[event.key];
    if (to !== undefined && !event.ctrlKey && !event.metaKey && !event.altKey) {
      event.preventDefault();
      if (event.shiftKey) events.onSelect(visible.positionOf(Math.max(0, Math.min(to, count - 1))), true);
      focusRow(to);
    } else if (onKey(last, event)) event.preventDefault();
  }

  const onRow = (target: EventTarget, run: (position: number) => void): void => {
    const index = rowOf(target);
    if (index !== null) run(visible.positionOf(index));
  };
  return (
    <div
      ref={scroller}
      className={classes["scroller"]}
      role="grid"
      aria-label={label}
      aria-rowcount={count}
      aria-multiselectable
      onKeyDown={onKeyDown}
      onClick={(event) => onRow(event.target, (position) => events.onOpen(position, event))}
      onDragStart={(event) => onRow(event.target, (position) => events.onDrag(position, event))}
      onFocus={(event) => focusOn(rowOf(event.target) ?? last)}
      tabIndex={-1}
    >
      <div role="rowgroup" className={classes["rows"]} style={{ height: virtualizer.getTotalSize() }}>
        {items.map(({ index, start }) => {
          const thread: ThreadSummary | undefined = at(index);
          const place = { index, top: start, height };
          return thread === undefined ? (
            <RowToCome key={`to come ${index}`} {...place} />
          ) : (
            <ThreadRow
              key={keyOf(refOf(thread))}
              thread={thread}
              position={visible.positionOf(index)}
              {...place}
              isSelected={selection.has(refOf(thread))}
              isOpen={open !== null && thread.latest.messageId === open}
              isFocused={index === last}
              isSent={isSent}
              onSelect={events.onSelect}
              onStar={events.onStar}
            />
          );
        })}
      </div>
    </div>
  );
}

/** Rows grow with the text that the browser is set to. */
function useRowHeight(): number {
  const [height, setHeight] = useState(() => ROW * rootSize());
  useEffect(() => {
    const measure = (): void => setHeight(ROW * rootSize());
    addEventListener("resize", measure);
    return () => removeEventListener("resize", measure);
  }, []);
  return height;
}

function rootSize(): number {
  return Number.parseFloat(getComputedStyle(document.documentElement).fontSize) || 16;
}

/** A row that leaves takes the focus with it: the one that comes in its place gets it. */
function useKeptFocus(scroller: { readonly current: HTMLDivElement | null }, refocus: () => void): void {
  const inside = useRef(false);
  useEffect(() => {
    const follow = ({ target }: Event): void => {
      inside.current = target instanceof Node && scroller.current?.contains(target) === true;
    };
    for (const event of ["focusin", "pointerdown"]) document.addEventListener(event, follow);
    return () => {
      for (const event of ["focusin", "pointerdown"]) document.removeEventListener(event, follow);
    };
  }, [scroller]);
  useEffect(() => {
    if (inside.current && document.activeElement === document.body) refocus();
  });
}

/** What is read stays where it is when something new comes in above it. */
function useStill(virtualizer: Virtualizer<HTMLDivElement, Element>, height: number, head: Visible["top"]): void {
  const before = useRef<{ readonly key: Hex32; readonly index: number } | null>(null);
  useEffect(() => {
    const offset = virtualizer.scrollOffset ?? 0;
    const { current } = before;
    const now = current === null ? null : head.indexOfKey(current.key);
    const shift = current === null || now === null || offset <= 0 ? 0 : (now - current.index) * height;
    if (shift !== 0) virtualizer.scrollToOffset(offset + shift);
    const key = head.keyAt(Math.ceil((offset + shift) / height));
    before.current = key === null ? null : { key, index: head.indexOfKey(key) ?? 0 };
  });
}

/** The row that something happened in, counted from 0. */
function rowOf(target: EventTarget): number | null {
  const row = target instanceof Element ? target.closest<HTMLElement>("[data-index]") : null;
  return row === null ? null : Number(row.dataset["index"]);
}
