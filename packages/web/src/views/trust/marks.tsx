import type { InboxSummary } from "@smimp/client";
import type { ReactNode } from "react";

/** What a person should know of a message beside its content. Nothing where all is well. `where`: a line of a list, or its own header. */
export function MessageMarks(_props: {
  readonly message: Pick<InboxSummary, "marks" | "from" | "imported" | "state" | "own">;
  readonly where: "list" | "header";
}): ReactNode {
  return null;
}
