import { lazy, useRef, useState, type KeyboardEvent, type ReactNode } from "react";
import { Beside } from "./beside.tsx";
import { IconButton } from "./button.tsx";
import type { IconName } from "./icon.tsx";

const MenuList = lazy(async () => ({ default: (await import("./menu-list.tsx")).MenuList }));

/** One thing that can be done. */
export interface MenuAction {
  readonly id: string;
  readonly label: string;
  readonly icon?: IconName;
  readonly danger?: boolean;
  /** A line is drawn above it. */
  readonly apart?: boolean;
  readonly run: () => void;
}

/** A button that opens a list of things to do. */
export function ActionMenu({
  label,
  icon = "more",
  actions,
}: {
  readonly label: string;
  readonly icon?: IconName;
  readonly actions: readonly MenuAction[];
}): ReactNode {
  const button = useRef<HTMLButtonElement>(null);
  /** Where one begins in it; null while it is closed. */
  const [begin, setBegin] = useState<"first" | "last" | null>(null);

  function press(event: KeyboardEvent): void {
    if (event.key !== "ArrowDown" && event.key !== "ArrowUp") return;
    event.preventDefault();
    event.stopPropagation();
    setBegin(event.key === "ArrowDown" ? "first" : "last");
  }

  return (
    <>
      <IconButton
        buttonRef={button}
        icon={icon}
        label={label}
        aria-haspopup="menu"
        aria-expanded={begin !== null}
        onPress={() => setBegin("first")}
        onKeyDown={press}
      />
      {begin === null ? null : (
        <Beside>
          <MenuList of={button} label={label} begin={begin} actions={actions} onClose={() => setBegin(null)} />
        </Beside>
      )}
    </>
  );
}
