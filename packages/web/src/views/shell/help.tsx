import { Fragment, useSyncExternalStore, type ReactNode } from "react";
import { Switch } from "react-aria-components";
import { onPreferences, prefer, preferences } from "../../app/preferences.ts";
import { useMessages } from "../../messages/messages.tsx";
import { Dialog } from "../../ui/dialog.tsx";
import { isOnMac, KEYS, keysOf, type KeyGroup, type KeyName } from "./help-keys.ts";
import classes from "./help.module.css";

/** Which keys there are. Who is bothered by them turns them off here. */
export function Help({ onClose }: { readonly onClose: () => void }): ReactNode {
  const { help } = useMessages().shell;
  const isMac = isOnMac(navigator.userAgent);
  const on = useSyncExternalStore(onPreferences, () => preferences().shortcuts);
  return (
    <Dialog title={help.title} isOpen onClose={onClose} width="wide">
      <div className={classes["groups"]}>
        {(Object.keys(KEYS) as KeyGroup[]).map((group) => (
          <section key={group} className={classes["group"]}>
            <h3>{help.groups[group]}</h3>
            <dl className={classes["keys"]}>
              {KEYS[group].map(([name, ...ways]: readonly [KeyName, ...string[]]) => (
                <Fragment key={name}>
                  <dt>{help.keys[name]}</dt>
                  <dd>
                    {ways.map((way) => (
                      <span key={way} className={classes["way"]}>
                        {keysOf(way, help.names, isMac).map((key, index) => (
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
