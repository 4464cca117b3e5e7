import type { ReactNode } from "react";
import { Separator, Toolbar as AriaToolbar } from "react-aria-components";
import { useMessages } from "../../../messages/messages.tsx";
import { IconButton } from "../../../ui/button.tsx";
import type { IconName } from "../../../ui/icon.tsx";
import type { CommandName } from "./editing.ts";
import classes from "./rich-text.module.css";

type Tool = CommandName | "link";

const GROUPS: readonly (readonly [Tool, IconName][])[] = [
  [
    ["bold", "bold"],
    ["italic", "italic"],
    ["link", "link"],
    ["code", "code"],
  ],
  [
    ["bullets", "bullets"],
    ["numbers", "numbers"],
    ["quote", "quote"],
    ["heading", "heading"],
    ["codeBlock", "code-block"],
    ["rule", "rule"],
  ],
  [
    ["undo", "undo"],
    ["redo", "redo"],
  ],
];

/** What does something at once is neither on nor off. */
const MOMENTARY: ReadonlySet<Tool> = new Set<Tool>(["rule", "undo", "redo"]);

/** Buttons for what can be done with the text; the arrow keys go from one to the next. */
export function Toolbar({
  active,
  onCommand,
  onLink,
  tools,
}: {
  readonly active: ReadonlySet<Tool>;
  readonly onCommand: (name: CommandName, byKey: boolean) => void;
  readonly onLink: () => void;
  readonly tools?: ReactNode;
}): ReactNode {
  const { compose } = useMessages();
  return (
    <div className={classes["bar"]}>
      <AriaToolbar aria-label={compose.formatting} className={classes["toolbar"] ?? ""}>
        {GROUPS.map((group, index) => [
          index === 0 ? null : <Separator key={index} orientation="vertical" className={classes["line"] ?? ""} />,
          ...group.map(([tool, icon]) => (
            <IconButton
              key={tool}
              icon={icon}
              label={compose.tools[tool]}
              {...(MOMENTARY.has(tool) ? {} : { pressed: active.has(tool) })}
              onPress={({ byKey }) => (tool === "link" ? onLink() : onCommand(tool, byKey))}
            />
          )),
        ])}
      </AriaToolbar>
      {tools}
    </div>
  );
}
