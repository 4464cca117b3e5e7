import { createContext, useContext, type ReactNode } from "react";
import { useMessages } from "../../messages/messages.tsx";
import { IconButton } from "../../ui/button.tsx";
import { useNoticeCount } from "../trust/notices-button.tsx";
import classes from "./pane-header.module.css";

/** Opens the list of places where there is no room for it beside everything else; null where there is. */
export const DrawerContext = createContext<(() => void) | null>(null);

/** What stands above a list: what it is, and what can be done with it; with a way to other places where they aren't in sight. */
export function PaneHeader({
  title,
  note,
  children,
}: {
  readonly title: string;
  readonly note?: string;
  readonly children?: ReactNode;
}): ReactNode {
  return (
    <header className={classes["header"]}>
      <DrawerButton />
      <div className={classes["titles"]}>
        <h1 className={classes["title"]}>
          <bdi>{title}</bdi>
        </h1>
        {note === undefined ? null : <p className={classes["note"]}>{note}</p>}
      </div>
      <div className={classes["actions"]}>{children}</div>
    </header>
  );
}

/** Opens the list of places; nothing where they are in sight. */
export function DrawerButton(): ReactNode {
  const { shell } = useMessages();
  const open = useContext(DrawerContext);
  const count = useNoticeCount();
  if (open === null) return null;
  return (
    <span className={classes["drawer"]}>
      <IconButton
        icon="menu"
        label={count === 0 ? shell.openNavigation : `${shell.openNavigation}. ${shell.notices(count)}`}
        onPress={open}
      />
      {count === 0 ? null : <span aria-hidden="true" className={classes["dot"]} />}
    </span>
  );
}
