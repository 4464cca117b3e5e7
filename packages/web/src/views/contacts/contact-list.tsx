import type { Contact } from "@smimp/client";
import { useVirtualizer } from "@tanstack/react-virtual";
import { useDeferredValue, useId, useMemo, useRef, useState, type KeyboardEvent, type ReactNode } from "react";
import { useContacts } from "../../app/contacts.ts";
import { localeOf } from "../../app/dates.ts";
import { useMe } from "../../app/me.ts";
import { hrefOf } from "../../app/places.ts";
import { useLanguage, useMessages } from "../../messages/messages.tsx";
import { Button, IconButton } from "../../ui/button.tsx";
import { Empty } from "../../ui/empty.tsx";
import { Icon } from "../../ui/icon.tsx";
import { PaneHeader } from "../shell/pane-header.tsx";
import classes from "./contact-list.module.css";
import { searched, shownName } from "./people.ts";
import { PersonAvatar } from "./person-avatar.tsx";

/** Height of a row, pixels. */
const ROW = 64;

/** Everybody who is known, to be searched; only the rows in sight are there. */
export function ContactList({ chosen, onAdd }: { readonly chosen: string | null; readonly onAdd: () => void }): ReactNode {
  const { contacts: words, common } = useMessages();
  const language = useLanguage();
  const all = useContacts();
  const [text, setText] = useState("");
  const wanted = useDeferredValue(text);
  const found = useMemo(() => searched(all ?? [], wanted, localeOf(language)), [all, wanted, language]);
  const id = useId();
  return (
    <>
      <PaneHeader title={words.title} {...(all === undefined || all.length === 0 ? {} : { note: words.found(all.length) })}>
        <IconButton icon="plus" label={words.add} onPress={onAdd} />
      </PaneHeader>
      <div className={classes["top"]}>
        <div className={classes["search"]}>
          <label htmlFor={id} className="visually-hidden">
            {words.search}
          </label>
          <Icon name="search" size={18} />
          <input
            id={id}
            type="search"
            className={classes["input"]}
            placeholder={words.search}
            value={text}
            onChange={({ target }) => setText(target.value)}
          />
        </div>
        <Mine isChosen={chosen === "me"} />
      </div>
      <p role="status" className="visually-hidden">
        {all === undefined ? common.loading : words.found(found.length)}
      </p>
      {all === undefined ? null : all.length === 0 ? (
        <Empty icon="people" title={words.empty.title} text={words.empty.text}>
          <Button kind="primary" icon="plus" onPress={onAdd}>
            {words.add}
          </Button>
        </Empty>
      ) : found.length === 0 ? (
        <Empty icon="search" title={words.nothingFound.title} text={words.nothingFound.text} />
      ) : (
        <Rows found={found} chosen={chosen} />
      )}
    </>
  );
}

function Mine({ isChosen }: { readonly isChosen: boolean }): ReactNode {
  const { contacts: words } = useMessages();
  const me = useMe();
  if (me === null) return null;
  return (
    <a
      className={`${classes["row"]} ${isChosen ? classes["chosen"] : ""}`}
      href={hrefOf({ room: "contacts", path: ["me"] })}
      {...(isChosen ? { "aria-current": "page" as const } : {})}
    >
      <PersonAvatar address={me} name={me} fetch />
      <span className={classes["who"]}>
        <span className={classes["name"]}>{words.mine}</span>
        <span className={classes["address"]}>{me}</span>
      </span>
    </a>
  );
}

function Rows({ found, chosen }: { readonly found: readonly Contact[]; readonly chosen: string | null }): ReactNode {
  const { contacts: words } = useMessages();
  const scroller = useRef<HTMLDivElement>(null);
  // oxlint-disable-next-line react/incompatible-library -- what it gives is used here alone, and nothing here is memoized
  const rows = useVirtualizer({
    count: found.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => ROW,
    overscan: 6,
    getItemKey: (index) => found[index]?.address ?? index,
  });

  /** Up and down, from person to person. */
  const onKeyDown = (event: KeyboardEvent, from: number): void => {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step === undefined) return;
    const to = Math.min(found.length - 1, Math.max(0, from + step));
    event.preventDefault();
    rows.scrollToIndex(to);
    requestAnimationFrame(() => scroller.current?.querySelector<HTMLElement>(`[data-index="${to}"]`)?.focus());
  };

  return (
    <div ref={scroller} className={classes["rows"]}>
      <ul aria-label={words.list} className={classes["inner"]} style={{ height: rows.getTotalSize() }}>
        {rows.getVirtualItems().map(({ index, key, start }) => {
          const contact = found[index];
          return contact === undefined ? null : (
            <li
              key={key}
              aria-setsize={found.length}
              aria-posinset={index + 1}
              className={classes["item"]}
              style={{ transform: `translateY(${start}px)`, height: ROW }}
            >
              <Row contact={contact} index={index} isChosen={contact.address === chosen} onKeyDown={onKeyDown} />
            </li>
          );
        })}
      </ul>
    </div>
  );
}

function Row({
  contact,
  index,
  isChosen,
  onKeyDown,
}: {
  readonly contact: Contact;
  readonly index: number;
  readonly isChosen: boolean;
  readonly onKeyDown: (event: KeyboardEvent, index: number) => void;
}): ReactNode {
  const { address, verified, disputed, loweredAt } = contact;
  const name = shownName(contact);
  return (
    <a
      className={`${classes["row"]} ${isChosen ? classes["chosen"] : ""}`}
      href={hrefOf({ room: "contacts", path: [address] })}
      data-index={index}
      onKeyDown={(event) => onKeyDown(event, index)}
      {...(isChosen ? { "aria-current": "page" as const } : {})}
    >
      <PersonAvatar address={address} name={name ?? address} fetch />
      <span className={classes["who"]}>
        <bdi className={classes["name"]}>{name ?? address}</bdi>
        {name === null ? null : <span className={classes["address"]}>{address}</span>}
      </span>
      <Standing disputed={disputed} lowered={loweredAt !== null} verified={verified} />
    </a>
  );
}

function Standing({
  disputed,
  lowered,
  verified,
}: {
  readonly disputed: boolean;
  readonly lowered: boolean;
  readonly verified: boolean;
}): ReactNode {
  const { contacts: words } = useMessages();
  if (!disputed && !lowered && !verified) return null;
  const label = disputed ? words.stopped : lowered ? words.attention : words.verified;
  return (
    <span
      role="img"
      aria-label={label}
      title={label}
      className={`${classes["standing"]} ${disputed ? classes["danger"] : lowered ? classes["warning"] : ""}`}
    >
      <Icon name={disputed || lowered ? "error" : "shield-check"} size={18} />
    </span>
  );
}
