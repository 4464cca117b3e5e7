import type { MessageMarks } from "@smimp/client";
import type { ReactNode } from "react";
import { listMarkOf } from "../../app/marks.ts";
import { useMessages } from "../../messages/messages.tsx";
import { Icon, type IconName } from "../../ui/icon.tsx";
import classes from "./list-marks.module.css";

const SIGNS = {
  revoked: { icon: "error", tone: "warning" },
  former: { icon: "clock", tone: "warning" },
  unchecked: { icon: "help", tone: "quiet" },
} as const;

/** What a person should know of a message or a conversation in a list: a small sign, and only where something is wrong. */
export function ListMarks({ of: { marks } }: { readonly of: { readonly marks: MessageMarks } }): ReactNode {
  const { mailbox } = useMessages();
  const mark = listMarkOf(marks);
  return mark === null ? null : <Sign {...SIGNS[mark]} label={mailbox.marks[mark]} />;
}

function Sign({ icon, tone, label }: { readonly icon: IconName; readonly tone: "warning" | "quiet"; readonly label: string }): ReactNode {
  return (
    <span role="img" aria-label={label} title={label} className={`${classes["sign"]} ${classes[tone]}`}>
      <Icon name={icon} size={16} />
    </span>
  );
}
