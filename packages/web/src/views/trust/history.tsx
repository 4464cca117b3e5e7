import type { Address } from "@smimp/protocol";
import { useEffect, useState, type ReactNode } from "react";
import { asEngineError, useEngine, useLive } from "../../app/engine.tsx";
import { useMe } from "../../app/me.ts";
import { useNames } from "../../app/names.ts";
import { hrefOf } from "../../app/places.ts";
import { useMessages } from "../../messages/messages.tsx";
import { Icon, type IconName } from "../../ui/icon.tsx";
import { eventsOf, type LifeEvent } from "./history-events.ts";
import classes from "./history.module.css";
import { AskFirst } from "./ask-first.tsx";
import { PersonNotices } from "./notices.tsx";
import { PersonPage } from "./page.tsx";
import { usePlainDate } from "./plain-date.ts";

type Asked = "checking" | "checked" | "stale" | "wrong";

const ICONS: Readonly<Record<Asked, IconName>> = { checking: "clock", checked: "shield-check", stale: "offline", wrong: "error" };

/** Faults of the way to a server, which say nothing of what it would show. */
const AWAY: ReadonlySet<string> = new Set(["temporarily_unavailable", "insecure_transport", "rate_limited", "AbortError", "Locked"]);

/** What happened with an address so far, one's own too: its chain as a timeline, fetched and checked just now where that can be. */
export function HistoryPage({ address }: { readonly address: Address }): ReactNode {
  const { trust, contacts } = useMessages();
  const engine = useEngine();
  const me = useMe();
  const nameOf = useNames();
  const isOwn = address === me;
  const [asked, setAsked] = useState<Asked>("checking");
  const { data: contact } = useLive("contacts.get", isOwn ? null : [address], ["contacts"]);
  const [asks, setAsks] = useState(false);
  // A server of somebody unknown is asked only once somebody wants that: a link from elsewhere may have led here.
  const mayAsk = isOwn || asks || (contact !== undefined && contact !== null);
  const { data: history, loading } = useLive("contacts.history", mayAsk ? [address] : null, ["contacts", "keys", "profile"]);

  useEffect(() => {
    if (!mayAsk) return undefined;
    let wanted = true;
    const become = (next: Asked): void => {
      if (wanted) setAsked(next);
    };
    engine.call("contacts.resolve", [address]).then(
      () => become("checked"),
      (error: unknown) => become(AWAY.has(asEngineError(error).code) ? "stale" : "wrong"),
    );
    return () => void (wanted = false);
  }, [engine, address, mayAsk]);

  const words = trust.history;
  const back = isOwn
    ? { href: hrefOf({ room: "contacts", path: ["me"] }), label: contacts.own.title }
    : { href: hrefOf({ room: "contacts", path: [address] }), label: trust.verify.back(nameOf(address)) };
  const nothing = history === undefined && !loading && asked !== "checking";
  return (
    <PersonPage title={isOwn ? words.titleOwn : words.title(address)} back={back}>
      <PersonNotices address={address} />
      <p className={classes["text"]}>{words.text}</p>
      {contact === null && !asks ? <AskFirst address={address} onAsk={() => setAsks(true)} /> : null}
      {mayAsk ? (
        <p role="status" className={`${classes["asked"]} ${classes[asked]}`}>
          <Icon name={ICONS[asked]} size={18} />
          {nothing ? words.failed : words[asked]}
        </p>
      ) : null}
      {history === undefined ? null : (
        <ol className={classes["timeline"]} aria-label={words.list}>
          {eventsOf(history, contact ?? null)
            .toReversed()
            .map((event) => (
              <Event key={event.key} event={event} />
            ))}
        </ol>
      )}
    </PersonPage>
  );
}

function Event({ event: { at, icon, tone, record, ...what } }: { readonly event: LifeEvent }): ReactNode {
  const words = useMessages().trust.history;
  const plain = usePlainDate();
  return (
    <li className={classes["event"]}>
      <span className={`${classes["icon"]} ${tone === "plain" ? "" : classes[tone]}`}>
        <Icon name={icon} size={18} />
      </span>
      <div className={classes["what"]}>
        <time className={classes["when"]} dateTime={at}>
          {plain(at)}
        </time>
        {what.texts(words).map((text) => (
          <p key={text}>{text}</p>
        ))}
        {record === null ? null : (
          <details className={classes["details"]}>
            <summary>{words.details}</summary>
            <dl>
              <dt>{words.sequence}</dt>
              <dd>{record.sequence}</dd>
              <dt>{words.signer}</dt>
              <dd>{words.signers[record.signedBy]}</dd>
              <dt>{words.link}</dt>
              <dd className={classes["link"]}>{record.link}</dd>
            </dl>
          </details>
        )}
      </div>
    </li>
  );
}
