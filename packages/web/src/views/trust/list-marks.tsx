import type { InboxSummary } from "@smimp/client";
import type { ReactNode } from "react";
import { useMessages } from "../../messages/messages.tsx";
import { Icon, type IconName } from "../../ui/icon.tsx";
import classes from "./list-marks.module.css";

/** What a person should know of a message in a list: a small sign, and only where something is wrong. */
export function ListMarks({ message: { marks } }: { readonly message: Pick<InboxSummary, "marks"> }): ReactNode {
  const { revoked, former, unchecked } = useMessages().mailbox.marks;
  if (marks.revokedKey) return <Sign icon="error" tone="warning" label={revoked} />;
  if (marks.formerKey) return <Sign icon="clock" tone="warning" label={former} />;
  if (marks.notAuthenticated) return <Sign icon="help" tone="quiet" label={unchecked} />;
  return null;
}

function Sign({ icon, tone, label }: { readonly icon: IconName; readonly tone: "warning" | "quiet"; readonly label: string }): ReactNode {
  return (
    <span role="img" aria-label={label} title={label} className={`${classes["sign"]} ${classes[tone]}`}>
      <Icon name={icon} size={16} />
    </span>
  );
}
