import type { Address } from "@smimp/protocol";
import { lazy, Suspense, useState, type ReactNode } from "react";
import { useLive } from "../../app/engine.tsx";
import { useMe } from "../../app/me.ts";
import { useMessages } from "../../messages/messages.tsx";
import { Empty } from "../../ui/empty.tsx";
import { AddPerson } from "./add-person.tsx";
import { ContactList } from "./contact-list.tsx";
import { ContactPage } from "./contact-page.tsx";
import classes from "./contacts.module.css";
import { OwnCard } from "./own-card.tsx";

const Verify = lazy(async () => ({ default: (await import("../trust/verify.tsx")).Verify }));
const HistoryPage = lazy(async () => ({ default: (await import("../trust/history.tsx")).HistoryPage }));

/** Contacts. `path` is what follows `#/contacts/`, part by part: an address or `me`, then `verify` or `history`. */
export function Contacts({ path }: { readonly path: readonly string[] }): ReactNode {
  const { contacts } = useMessages();
  const [isAdding, setAdding] = useState(false);
  const [who = null, what = null] = path;
  return (
    <div className={`${classes["room"]} ${who === null ? "" : classes["chosen"]}`}>
      <section className={classes["list"]} aria-label={contacts.title}>
        <ContactList chosen={who} onAdd={() => setAdding(true)} />
      </section>
      <section className={classes["detail"]}>
        {who === null ? (
          <Empty icon="people" title={contacts.nothingOpen.title} text={contacts.nothingOpen.text} />
        ) : (
          <Suspense fallback={null}>
            <Person key={`${who} ${what}`} who={who} what={what} />
          </Suspense>
        )}
      </section>
      <AddPerson isOpen={isAdding} onClose={() => setAdding(false)} />
    </div>
  );
}

function Person({ who, what }: { readonly who: string; readonly what: string | null }): ReactNode {
  const { common } = useMessages();
  const me = useMe();
  // What stands in the page's address may be anything.
  const { data: parsed } = useLive("people.parse", who === "me" ? null : [who], []);
  const address: Address | null | undefined = who === "me" ? me : parsed;
  if (address === undefined) return null;
  if (address === null) return <Empty icon="people" title={common.errors.bad_address} />;
  if (what === "history") return <HistoryPage address={address} />;
  if (address === me) return <OwnCard address={address} />;
  return what === "verify" ? <Verify address={address} /> : <ContactPage address={address} />;
}
