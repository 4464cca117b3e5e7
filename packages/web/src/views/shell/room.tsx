import { Suspense, useState, type ReactNode } from "react";
import { useLive } from "../../app/engine.tsx";
import { viewWith } from "../../app/later.tsx";
import { hrefOf, listOf, type Place } from "../../app/places.ts";
import { useMessages } from "../../messages/messages.tsx";
import { Empty } from "../../ui/empty.tsx";
import { Boundary } from "../../ui/boundary.tsx";
import { Icon } from "../../ui/icon.tsx";
import { Splash } from "../../ui/splash.tsx";
import { SearchField } from "../search/search-field.tsx";
import { Mailbox } from "../mailbox/mailbox.tsx";
import { threadListOf } from "../mailbox/threads.ts";
import { DrawerButton } from "./pane-header.tsx";
import { useScreen } from "./screen.ts";
import classes from "./shell.module.css";

const Reading = viewWith("later", async () => (await import("../message/message.tsx")).Reading);
const SearchView = viewWith("later", async () => (await import("../search/search.tsx")).SearchView);
const Chat = viewWith("later", async () => (await import("../chat/chat.tsx")).Chat);
const Contacts = viewWith("later", async () => (await import("../contacts/contacts.tsx")).Contacts);
const Settings = viewWith("later", async () => (await import("../settings/settings.tsx")).Settings);
const Drafts = viewWith("later", async () => (await import("../drafts/drafts.tsx")).Drafts);
const Outbox = viewWith("later", async () => (await import("../outbox/outbox.tsx")).Outbox);

/** What is at a place. */
export function Room({ place }: { readonly place: Place }): ReactNode {
  switch (place.room) {
    case "chat":
      return <Bare key={place.room}>{<Chat with={place.with} />}</Bare>;
    case "contacts":
      return <Bare key={place.room}>{<Contacts path={place.path} />}</Bare>;
    case "settings":
      return <Whole place={place}>{<Settings path={place.path} />}</Whole>;
    case "drafts":
      return <Bare key={place.room}>{<Drafts />}</Bare>;
    case "outbox":
      return <Bare key={place.room}>{<Outbox />}</Bare>;
    default:
      return <Panes place={place} />;
  }
}

/** A room that has all the space; where places aren't in sight, a way to them stands above. */
function Whole({ place, children }: { readonly place: Place; readonly children: ReactNode }): ReactNode {
  const { mailbox } = useMessages();
  const screen = useScreen();
  const name = place.room === "folder" || place.room === "label" ? "" : mailbox.rooms[place.room];
  return (
    <main id="main" className={classes["whole"]}>
      {screen === "wide" ? null : (
        <div className={classes["top"]}>
          <DrawerButton />
          {place.room === "settings" && place.path.length > 0 ? (
            <a className={classes["up"]} href={hrefOf({ room: "settings", path: [] })}>
              <Icon name="back" size={18} />
              {name}
            </a>
          ) : (
            <span aria-hidden="true">{name}</span>
          )}
        </div>
      )}
      <div className={classes["room"]}>
        <Boundary>
          <Suspense fallback={<Splash />}>{children}</Suspense>
        </Boundary>
      </div>
    </main>
  );
}

/** A room that says itself what it is, and shows the way to other places. */
function Bare({ children }: { readonly children: ReactNode }): ReactNode {
  return (
    <main id="main" className={classes["whole"]}>
      <Boundary>
        <Suspense fallback={<Splash />}>{children}</Suspense>
      </Boundary>
    </main>
  );
}

/** The text of a label; null where no message has it, undefined until that is known. */
function useLabel(id: string | null): string | null | undefined {
  const { data } = useLive("inbox.labelOf", id === null ? null : [id], ["messages"]);
  const [last, setLast] = useState<{ readonly id: string; readonly label: string } | null>(null);
  if (id !== null && typeof data === "string" && last?.id !== id) setLast({ id, label: data });
  // Whoever has just taken it from its last message is still in its list.
  return data ?? (last !== null && last.id === id ? last.label : data);
}

/** A list, and the message that is open; one over the other where there is room for one only. */
function Panes({ place }: { readonly place: Place }): ReactNode {
  const { shell, mailbox } = useMessages();
  const label = useLabel(place.room === "label" ? place.id : null);
  const list = listOf(place, label ?? null);
  const message = place.message ?? null;
  return (
    <main id="main" className={`${classes["panes"]} ${message === null ? "" : classes["reading"]}`}>
      <div className={classes["list"]}>
        {/* The same field beside whatever is listed: whoever begins to type in it goes on in it. */}
        <div className={classes["seeking"]}>
          {list === null ? <DrawerButton /> : null}
          <SearchField />
        </div>
        {place.room === "search" ? (
          <div className={classes["room"]}>
            <Boundary>
              <Suspense fallback={<Splash />}>
                <SearchView query={place.query} message={message} />
              </Suspense>
            </Boundary>
          </div>
        ) : null}
        {list === null ? null : <Mailbox list={list} message={message} />}
        {place.room === "label" && label === null ? (
          <Empty icon="label" title={mailbox.empty.label.title} text={mailbox.empty.label.text} />
        ) : null}
      </div>
      <div className={classes["message"]}>
        {message === null ? (
          <Empty icon="read" title={shell.nothingOpen.title} text={shell.nothingOpen.text} />
        ) : (
          <Boundary shown={message}>
            <Suspense fallback={<Splash />}>
              <Reading message={message} place={place} list={list === null ? { view: "all" } : threadListOf(list)} />
            </Suspense>
          </Boundary>
        )}
      </div>
    </main>
  );
}
