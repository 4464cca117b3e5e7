import type { DragEvent } from "react";
import type { Targets } from "./threads.ts";

// What is dragged from a list to a folder. The page itself keeps it: nothing of it leaves for other windows.

const TYPE = "application/x-smimp-messages";
let dragged: Targets | null = null;

/** Begins to drag. */
export function dragThreads(event: DragEvent, targets: Targets): void {
  dragged = targets;
  event.dataTransfer.setData(TYPE, String(targets.count));
  event.dataTransfer.effectAllowed = "move";
}

/** Whether what is dragged over something are messages of a list. */
export function isThreadDrag({ dataTransfer }: DragEvent): boolean {
  return dragged !== null && dataTransfer.types.includes(TYPE);
}

/** Takes what was dropped. */
export function droppedThreads(): Targets | null {
  const targets = dragged;
  dragged = null;
  return targets;
}
