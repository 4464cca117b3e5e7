import type { Address } from "@smimp/protocol";
import { useState, type ReactNode } from "react";
import { useContact } from "../../app/contacts.ts";
import { useMe } from "../../app/me.ts";
import { hrefOf } from "../../app/places.ts";
import { useMessages } from "../../messages/messages.tsx";
import { Banner } from "../../ui/banner.tsx";
import { LookAlikeHint } from "./look-alike.tsx";
import { DISPUTES, groupNotices, isOfPerson, severityOf, wordsOf } from "./notice-words.ts";
import classes from "./people-notices.module.css";
import { useNotices } from "./use-notices.ts";

/** People that are looked at: whoever writes to hundreds reads no hints about each. */
const AT_MOST = 20;
/** How long somebody counts as new, milliseconds. */
const NEW_FOR = 24 * 60 * 60 * 1_000;

/** Where it stands: a composer says itself whom nothing is sent to, a message whom its sender could be taken for. */
type Where = "composer" | "chat" | "message";

/** What there is to know of people while somebody reads or writes to them: a line each, with a way to the rest. Nothing where all is well. */
export function PeopleNotices({ people, where }: { readonly people: readonly Address[]; readonly where: Where }): ReactNode {
  return (
    <div className={`${classes["notices"]} ${where === "message" ? "" : classes["apart"]}`}>
      {[...new Set(people)].slice(0, AT_MOST).map((address) => (
        <Person key={address} address={address} where={where} />
      ))}
    </div>
  );
}

function Person({ address, where }: { readonly address: Address; readonly where: Where }): ReactNode {
  const messages = useMessages();
  const { trust } = messages;
  const me = useMe();
  const contact = useContact(address);
  const notices = useNotices() ?? [];
  const [now] = useState(() => Date.now());
  if (address === me) return null;
  const about = groupNotices(notices.filter((each) => each.address === address && isOfPerson(each))).filter(
    ({ latest: { code } }) => where !== "composer" || code === "history_withheld" || !DISPUTES.has(code),
  );
  const isStopped = where !== "composer" && contact?.disputed === true && !about.some(({ latest }) => DISPUTES.has(latest.code));
  const metAt = contact?.metAt ?? null;
  const isNew = where !== "message" && contact?.verified === false && metAt !== null && now - Date.parse(metAt) < NEW_FOR;
  return (
    <>
      {about.map(({ key, latest }) => (
        <Banner key={key} tone={severityOf(latest)} icon="error" title={wordsOf(messages, latest, me).title}>
          <More address={address} />
        </Banner>
      ))}
      {isStopped ? (
        <Banner tone="danger" icon="error" title={trust.notices.stopped(address)}>
          <More address={address} />
        </Banner>
      ) : null}
      {isNew ? <LookAlikeHint address={address} /> : null}
    </>
  );
}

function More({ address }: { readonly address: Address }): ReactNode {
  const { trust } = useMessages();
  return (
    <a className={classes["more"]} href={hrefOf({ room: "contacts", path: [address] })}>
      {trust.notices.whatToDo}
    </a>
  );
}
