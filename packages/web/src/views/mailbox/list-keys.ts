import type { Folder } from "@smimp/client";
import type { Hex32 } from "@smimp/protocol";
import type { KeyboardEvent, RefObject } from "react";
import { openComposer } from "../../app/composing.ts";
import { goTo, withoutMessage, type ListPlace } from "../../app/places.ts";
import type { Shortcuts } from "../../app/shortcuts.ts";
import type { ThreadList } from "../../engine/calls/messages.ts";
import { useMessages } from "../../messages/messages.tsx";
import { useActing } from "./acting.tsx";
import type { Selection } from "./selection.ts";
import type { ListHandle } from "./thread-list.tsx";
import { refOf, targetsOf, type Targets } from "./threads.ts";
import type { Visible } from "./visible.ts";

/** What is done with what is selected. */
export type ListAction = "archive" | "to-inbox" | "trash" | "move" | "label" | "read" | "unread" | "star" | "unstar" | "block";

interface ListKeysParts {
  readonly list: ListPlace;
  readonly threadList: ThreadList;
  readonly folder: Folder | null;
  readonly message: Hex32 | null;
  readonly visible: Visible;
  readonly selection: Selection;
  readonly handle: RefObject<ListHandle | null>;
  readonly open: (position: number) => void;
  readonly select: (position: number, range: boolean) => Promise<void>;
}

interface ListKeys {
  /** Keys that work wherever one is. */
  readonly shortcuts: Shortcuts;
  /** Keys that work in the list. */
  readonly onKey: (index: number, event: KeyboardEvent) => boolean;
  /** Does something with what is selected. */
  readonly act: (action: ListAction) => void;
}

/** What keys do in a list: with what is selected, else with the row that has the focus. With an open message, its own keys count. */
export function useListKeys(parts: ListKeysParts): ListKeys {
  const { list, threadList, folder, message, visible, selection, handle, open, select } = parts;
  const acting = useActing();
  const { mailbox } = useMessages();

  function run(action: ListAction, targets: Targets): void {
    switch (action) {
      case "archive":
        if (folder?.role === "archive" || list.room === "sent") return;
        void acting.archive(targets);
        break;
      case "to-inbox":
        void acting.move(targets, null, mailbox.rooms.inbox);
        break;
      case "trash":
        void (folder?.role === "trash" ? acting.erase(targets) : acting.trash(targets));
        break;
      case "move":
        acting.chooseFolder(targets, selection.clear);
        break;
      case "label":
        acting.chooseLabels(targets, selection.clear);
        break;
      case "read":
      case "unread":
        void acting.setRead(targets, action === "read");
        break;
      case "star":
      case "unstar":
        void acting.star(targets, action === "star");
        break;
      case "block":
        void acting.block(targets);
        break;
    }
    const leaves = action === "archive" || action === "to-inbox" || action === "trash";
    // What is open goes with the rest.
    if (leaves && targets.threads?.some(({ messageId }) => messageId === message) === true) goTo(withoutMessage(list));
    if (action !== "move" && action !== "label") selection.clear();
  }

  /** With the row that has the focus. Where none has it, it is shown first which one that would be. */
  function onRow(run: (index: number) => void): () => void {
    return () => {
      const index = handle.current?.focused() ?? null;
      if (index === null) handle.current?.focus();
      else run(index);
    };
  }

  /** With what is selected, else with the row that has the focus. */
  function onTargets(action: (thread: ReturnType<Visible["at"]>) => ListAction): () => void {
    if (selection.count > 0) return () => run(action(visible.at(handle.current?.last() ?? 0)), selection.targets);
    return onRow((index) => {
      const thread = visible.at(index);
      if (thread !== undefined) run(action(thread), targetsOf(threadList, [refOf(thread)]));
    });
  }

  function step(by: number): void {
    const last = handle.current?.last() ?? 0;
    if (message === null) return handle.current?.focus(handle.current.focused() === null ? last : last + by);
    // With a message open, the next one is opened.
    const at = (visible.indexOfMessage(message) ?? last) + by;
    if (visible.at(at) === undefined) return;
    handle.current?.show(at);
    open(visible.positionOf(at));
  }

  function answer(kind: "reply" | "reply-all" | "forward"): () => void {
    return onRow((index) => {
      const thread = visible.at(index);
      if (thread !== undefined) openComposer({ kind, messageId: thread.latest.messageId });
    });
  }

  const withRows: Shortcuts = {
    e: onTargets(() => "archive"),
    "#": onTargets(() => "trash"),
    Delete: onTargets(() => "trash"),
    v: onTargets(() => "move"),
    l: onTargets(() => "label"),
    s: onTargets((thread) => (thread?.latest.starred === true ? "unstar" : "star")),
    u: onTargets((thread) => ((thread?.unread ?? 0) > 0 ? "read" : "unread")),
    x: onRow((index) => void select(visible.positionOf(index), false)),
    r: answer("reply"),
    a: answer("reply-all"),
    f: answer("forward"),
    o: onRow((index) => open(visible.positionOf(index))),
  };

  return {
    shortcuts: {
      j: () => step(1),
      k: () => step(-1),
      ...(message === null || selection.count > 0 ? withRows : {}),
      ...(selection.count > 0 ? { Escape: selection.clear } : {}),
    },
    onKey: (index, { key, ctrlKey, metaKey, shiftKey }) => {
      if ((ctrlKey || metaKey) && key === "a") selection.selectAll();
      else if (ctrlKey || metaKey) return false;
      else if (key === "Enter") open(visible.positionOf(index));
      else if (key === " ") void select(visible.positionOf(index), shiftKey);
      else return false;
      return true;
    },
    act: (action) => run(action, selection.targets),
  };
}
