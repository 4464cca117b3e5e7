import { Fragment, useSyncExternalStore, type ReactNode } from "react";
import { Switch } from "react-aria-components";
import { onPreferences, prefer, preferences } from "../../app/preferences.ts";
import { useMessages } from "../../messages/messages.tsx";
import { Dialog } from "../../ui/dialog.tsx";
import classes from "./help.module.css";

type Group = "going" | "list" | "message" | "writing";
type Name = keyof ReturnType<typeof useMessages>["shell"]["help"]["keys"];

/** Keys by what they do; several ways to the same thing stand side by side. */
const KEYS: Readonly<Record<Group, readonly (readonly [Name, ...string[]])[]>> = {
  going: [
    ["inbox", "g i"],
    ["starred", "g s"],
    ["drafts", "g d"],
    ["sent", "g t"],
    ["all", "g a"],
    ["chats", "g c"],
    ["contacts", "g p"],
    ["settings", "g e"],
    ["search", "/"],
    ["help", "?"],
  ],
  list: [
    ["next", "j", "↓"],
    ["previous", "k", "↑"],
    ["open", "o", "Enter"],
    ["back", "Esc"],
    ["select", "x"],
    ["selectRange", "Shift ↓"],
    ["selectAll", "Ctrl A"],
  ],
  message: [
    ["archive", "e"],
    ["trash", "#"],
    ["star", "s"],
    ["unread", "u"],
    ["label", "l"],
    ["move", "v"],
  ],
  writing: [
    ["write", "c"],
    ["reply", "r"],
    ["replyAll", "a"],
    ["forward", "f"],
  ],
};

/** Which keys there are. Who is bothered by them turns them off here. */
export function Help({ onClose }: { readonly onClose: () => void }): ReactNode {
  const { help } = useMessages().shell;
  const on = useSyncExternalStore(onPreferences, () => preferences().shortcuts);
  return (
    <Dialog title={help.title} isOpen onClose={onClose} width="wide">
      <div className={classes["groups"]}>
        {(Object.keys(KEYS) as Group[]).map((group) => (
          <section key={group} className={classes["group"]}>
            <h3>{help.groups[group]}</h3>
            <dl className={classes["keys"]}>
              {KEYS[group].map(([name, ...ways]) => (
                <Fragment key={name}>
                  <dt>{help.keys[name]}</dt>
                  <dd>
                    {ways.map((way) => (
                      <span key={way} className={classes["way"]}>
                        {way.split(" ").map((key, index) => (
                          <Fragment key={key}>
                            {index > 0 && way.startsWith("g ") ? <span className={classes["then"]}>{help.andThen}</span> : null}
                            <kbd>{key}</kbd>
                          </Fragment>
                        ))}
                      </span>
                    ))}
                  </dd>
                </Fragment>
              ))}
            </dl>
          </section>
        ))}
      </div>
      <Switch isSelected={on} onChange={(shortcuts) => prefer({ shortcuts })} className={classes["switch"] ?? ""}>
        <span className={classes["track"]} />
        {help.use}
      </Switch>
    </Dialog>
  );
}
