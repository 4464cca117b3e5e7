import type { ReactNode } from "react";
import { useMessages } from "../../messages/messages.tsx";
import { looksElsewhere, safeLink } from "./links.ts";
import classes from "./text-link.module.css";

/** A link in somebody's text, with a note of where it leads where it looks like another one; what may not be followed is its text alone. */
export function TextLink({
  address,
  text,
  children,
}: {
  readonly address: string;
  /** What stands in it, without its form. */
  readonly text: string;
  readonly children: ReactNode;
}): ReactNode {
  const { reading } = useMessages();
  const link = safeLink(address);
  if (link === null) return children;
  return (
    <>
      <a href={link.href} target="_blank" rel="noopener noreferrer" title={link.href} className={classes["link"]}>
        {children}
      </a>
      {looksElsewhere(text, link) ? <span className={classes["host"]}> ({reading.openLink(link.host)})</span> : null}
    </>
  );
}
