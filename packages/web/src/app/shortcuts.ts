import { useLayoutEffect, useRef } from "react";
import { preferences } from "./preferences.ts";

/** What keys do, by what they are called: `e`, `#`, or two one after the other, as `g i`. */
export type Shortcuts = Readonly<Record<string, () => void>>;

/** How long the second key of two may take, milliseconds. */
const SECOND_WITHIN = 2_500;

const stack: { readonly current: () => Shortcuts }[] = [];
let before: { readonly key: string; readonly at: number } | null = null;

/** Listens for keys as long as the view is there. What a view deeper down says of a key comes first. */
export function useShortcuts(shortcuts: Shortcuts): void {
  const latest = useRef(shortcuts);
  // Before the view is seen: whoever sees it may press at once.
  useLayoutEffect(() => {
    latest.current = shortcuts;
  });
  useLayoutEffect(() => {
    const mine = { current: () => latest.current };
    if (stack.length === 0) addEventListener("keydown", onKey);
    // Views deeper down have their effects first.
    stack.push(mine);
    return () => {
      stack.splice(stack.indexOf(mine), 1);
      if (stack.length === 0) removeEventListener("keydown", onKey);
    };
  }, []);
}

function onKey(event: KeyboardEvent): void {
  const { key, target, ctrlKey, metaKey, altKey, isComposing } = event;
  if (event.defaultPrevented || ctrlKey || metaKey || altKey || isComposing || key === "Shift") return;
  if (!preferences().shortcuts || isElsewhere(target)) return;
  const pair = before !== null && Date.now() - before.at < SECOND_WITHIN ? `${before.key} ${key}` : null;
  const run = (pair === null ? undefined : find(pair)) ?? find(key);
  before = run === undefined ? { key, at: Date.now() } : null;
  if (run === undefined) return;
  event.preventDefault();
  run();
}

function find(key: string): (() => void) | undefined {
  return stack.map(({ current }) => current()[key]).find((run) => run !== undefined);
}

/** Whether somebody writes, or is in a dialog or menu: keys are for these alone. */
function isElsewhere(target: EventTarget | null): boolean {
  if (!(target instanceof HTMLElement)) return false;
  if (target.isContentEditable || target.matches("textarea, select, input:not([type=checkbox], [type=radio])")) return true;
  return target.closest("[role=dialog], [role=alertdialog], [role=menu]") !== null;
}

/** How long keys wait for a field at the most, milliseconds. */
const HELD_FOR = 8_000;
/** Letters that are kept for it. */
const MOST_HELD = 200;
let held: { typed: string; readonly until: number; field: Element | null } | null = null;

/**
 * A field is on its way that will have the focus: what is typed until then is meant for it, and does nothing where the focus still is.
 * `giveHeldKeys` gives it out; whoever presses a pointer or waits too long meant something else.
 */
export function holdKeys(): void {
  if (held !== null) takeHeldKeys();
  held = { typed: "", until: Date.now() + HELD_FOR, field: null };
  addEventListener("keydown", onHeld, true);
  addEventListener("pointerdown", takeHeldKeys, true);
}

/** The field is there and has the focus: gives it what was typed since `holdKeys`, once it is ready to take it. */
export function giveHeldKeys(field: Element, give: (typed: string) => void): void {
  if (held === null || held.field !== null) return;
  // What is typed up to then comes after what was typed before.
  held.field = field;
  setTimeout(() => give(takeHeldKeys()), 0);
}

/** What was typed since `holdKeys`; from now on keys go where the focus is. */
export function takeHeldKeys(): string {
  const typed = held?.typed ?? "";
  held = null;
  removeEventListener("keydown", onHeld, true);
  removeEventListener("pointerdown", takeHeldKeys, true);
  return typed;
}

function onHeld(event: KeyboardEvent): void {
  const { key, target, ctrlKey, metaKey, altKey, isComposing } = event;
  if (held === null || Date.now() > held.until) return void takeHeldKeys();
  if (ctrlKey || metaKey || altKey || isComposing || (target !== held.field && isElsewhere(target))) return;
  if (key.length === 1 && held.typed.length < MOST_HELD) held.typed += key;
  else if (key === "Backspace") held.typed = held.typed.slice(0, -1);
  else if (key !== "Enter" && key !== "Delete" && key.length > 1) return;
  event.preventDefault();
  event.stopPropagation();
}
