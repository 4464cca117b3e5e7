import { useEffect, useRef, type ReactNode } from "react";
import { hrefOf } from "../../app/places.ts";
import { useMessages } from "../../messages/messages.tsx";
import { Empty } from "../../ui/empty.tsx";
import { Icon } from "../../ui/icon.tsx";
import { About } from "./about.tsx";
import { Account } from "./account/account.tsx";
import { Appearance } from "./appearance.tsx";
import { Burn } from "./burn.tsx";
import { Devices } from "./devices/devices.tsx";
import { Notifications } from "./notifications.tsx";
import { People } from "./people.tsx";
import { Profile } from "./profile/profile.tsx";
import { ChangeWords } from "./security/change-words.tsx";
import { Security } from "./security/security.tsx";
import { GROUPS, sectionOf, type SectionId } from "./sections.ts";
import classes from "./settings.module.css";
import { Storage } from "./storage.tsx";
import { Transfer } from "./transfer/transfer.tsx";
import { Writing } from "./writing/writing.tsx";

/** Settings. `path` is what follows `#/settings/`, part by part: the page, and what is open in it. */
export function Settings({ path }: { readonly path: readonly string[] }): ReactNode {
  const { settings } = useMessages();
  const [first, inside] = path;
  const named = sectionOf(first);
  // Where there is room for both, the first page stands beside the list.
  const shown = first === undefined ? "profile" : named;
  const links = useRef<HTMLElement>(null);
  const was = useRef(named);
  useEffect(() => {
    // Who comes back to the list goes on in it where they were.
    const before = was.current;
    was.current = named;
    if (first !== undefined || before === null || document.activeElement !== document.body) return;
    links.current?.querySelector<HTMLElement>(`a[href="${hrefOf({ room: "settings", path: [before] })}"]`)?.focus();
  }, [first, named]);
  return (
    <div className={`${classes["settings"]} ${first === undefined ? classes["list"] : classes["page"]}`}>
      <nav ref={links} className={classes["nav"]} aria-label={settings.title}>
        {first === undefined ? (
          <h1 className={classes["name"]}>{settings.title}</h1>
        ) : (
          <p className={classes["name"]} aria-hidden="true">
            {settings.title}
          </p>
        )}
        {GROUPS.map(({ name, sections }) => (
          <section key={name} aria-label={settings.groups[name]}>
            <h2 className={classes["group"]}>{settings.groups[name]}</h2>
            <ul className={classes["links"]}>
              {sections.map(({ id, icon }) => (
                <li key={id}>
                  <a
                    href={hrefOf({ room: "settings", path: [id] })}
                    className={`${classes["link"]} ${id === shown ? classes["here"] : ""}`}
                    {...(id === named ? { "aria-current": "page" as const } : {})}
                  >
                    <Icon name={icon} />
                    <span>{settings.sections[id]}</span>
                    <span className={classes["arrow"]}>
                      <Icon name="chevron" size={16} />
                    </span>
                  </a>
                </li>
              ))}
            </ul>
          </section>
        ))}
      </nav>
      <div className={classes["content"]}>
        {shown === null ? (
          <Empty icon="settings" title={settings.unknown.title} text={settings.unknown.text} />
        ) : (
          <Shown section={shown} inside={inside} />
        )}
      </div>
    </div>
  );
}

function Shown({ section, inside }: { readonly section: SectionId; readonly inside: string | undefined }): ReactNode {
  switch (section) {
    case "profile":
      return <Profile />;
    case "appearance":
      return <Appearance />;
    case "notifications":
      return <Notifications />;
    case "writing":
      return <Writing />;
    case "devices":
      return <Devices />;
    case "security":
      return inside === "words" ? <ChangeWords /> : <Security />;
    case "people":
      return <People />;
    case "storage":
      return <Storage />;
    case "burn":
      return <Burn />;
    case "transfer":
      return <Transfer />;
    case "account":
      return <Account />;
    case "about":
      return <About />;
  }
}
