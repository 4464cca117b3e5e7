import { lazy, Suspense, type ReactNode } from "react";
import { useComposers } from "../../app/composing.ts";
import { listOf, usePlace, type Place } from "../../app/places.ts";
import { Splash } from "../../ui/splash.tsx";
import { Mailbox } from "../mailbox/mailbox.tsx";
import { Navigation } from "./navigation.tsx";
import classes from "./shell.module.css";

const Reading = lazy(async () => ({ default: (await import("../message/message.tsx")).Reading }));
const SearchView = lazy(async () => ({ default: (await import("../search/search.tsx")).SearchView }));
const Chat = lazy(async () => ({ default: (await import("../chat/chat.tsx")).Chat }));
const Contacts = lazy(async () => ({ default: (await import("../contacts/contacts.tsx")).Contacts }));
const Settings = lazy(async () => ({ default: (await import("../settings/settings.tsx")).Settings }));
const Drafts = lazy(async () => ({ default: (await import("../drafts/drafts.tsx")).Drafts }));
const Outbox = lazy(async () => ({ default: (await import("../outbox/outbox.tsx")).Outbox }));
const Compose = lazy(async () => ({ default: (await import("../compose/compose.tsx")).Compose }));

/** The open mailbox: where one can go, what is there, and the message that is open. */
export function Shell({ address }: { readonly address: string }): ReactNode {
  const place = usePlace();
  const composers = useComposers();
  return (
    <div className={classes["shell"]}>
      <Navigation address={address} place={place} />
      <Suspense fallback={<Splash />}>
        <Room place={place} />
      </Suspense>
      {composers.length === 0 ? null : (
        <Suspense fallback={null}>
          <Compose composers={composers} />
        </Suspense>
      )}
    </div>
  );
}

function Room({ place }: { readonly place: Place }): ReactNode {
  const { message = null } = place;
  switch (place.room) {
    case "chat":
      return <main className={classes["whole"]}>{<Chat with={place.with} />}</main>;
    case "contacts":
      return <main className={classes["whole"]}>{<Contacts path={place.path} />}</main>;
    case "settings":
      return <main className={classes["whole"]}>{<Settings path={place.path} />}</main>;
    case "drafts":
      return <main className={classes["whole"]}>{<Drafts />}</main>;
    case "outbox":
      return <main className={classes["whole"]}>{<Outbox />}</main>;
    default: {
      const list = listOf(place);
      return (
        <main className={classes["panes"]}>
          <section>
            {place.room === "search" ? <SearchView query={place.query} message={message} /> : null}
            {list === null ? null : <Mailbox list={list} />}
          </section>
          <section>{message === null ? null : <Reading message={message} />}</section>
        </main>
      );
    }
  }
}
