import type { Contact } from "@smimp/client";
import type { Address } from "@smimp/protocol";
import { useState, type ReactNode } from "react";
import { openComposer } from "../../app/composing.ts";
import { useContact } from "../../app/contacts.ts";
import { useEngine } from "../../app/engine.tsx";
import { hrefOf } from "../../app/places.ts";
import { useMessages } from "../../messages/messages.tsx";
import { Button, IconButton } from "../../ui/button.tsx";
import { faultText } from "../../ui/fault.ts";
import { Icon } from "../../ui/icon.tsx";
import { toast } from "../../ui/toasts.tsx";
import { LookAlikeHint } from "../trust/look-alike.tsx";
import { PersonNotices } from "../trust/notices.tsx";
import { PageSection, PersonPage } from "../trust/page.tsx";
import { usePlainDate } from "../trust/plain-date.ts";
import { About } from "./about.tsx";
import classes from "./contact-page.module.css";
import { Access } from "./access.tsx";
import { shownName } from "./people.ts";
import { PersonAvatar } from "./person-avatar.tsx";

/** Somebody: who they say they are, whether it is really them, what can be done. */
export function ContactPage({ address }: { readonly address: Address }): ReactNode {
  const { contacts: words } = useMessages();
  const contact = useContact(address);
  const back = { href: hrefOf({ room: "contacts", path: [] }), label: words.back, narrowOnly: true };
  if (contact === undefined) return null;
  if (contact === null) {
    return (
      <PersonPage title={words.notYet.title} back={back}>
        <NotYet address={address} />
      </PersonPage>
    );
  }
  const name = shownName(contact);
  return (
    <PersonPage title={<Title contact={contact} name={name} />} back={back}>
      <div className={classes["actions"]}>
        <Button kind="primary" icon="draft" onPress={() => openComposer({ kind: "new", to: [address] })}>
          {words.write}
        </Button>
        <a className={classes["link"]} href={hrefOf({ room: "chat", with: address })}>
          <Icon name="chat" size={18} />
          {words.chat}
        </a>
        <CopyButton address={address} />
      </div>
      <PersonNotices address={address} />
      <Safety contact={contact} />
      <About contact={contact} />
      <Access address={address} />
    </PersonPage>
  );
}

function Title({ contact: { address, verified, disputed }, name }: { readonly contact: Contact; readonly name: string | null }): ReactNode {
  const { contacts: words } = useMessages();
  return (
    <span className={classes["title"]}>
      <PersonAvatar address={address} name={name ?? address} size={64} fetch />
      <span className={classes["names"]}>
        <bdi className={classes["name"]}>{name ?? address}</bdi>
        <span className={classes["under"]}>
          {name === null ? null : <span>{address}</span>}
          {verified && !disputed ? (
            <span className={classes["verified"]}>
              <Icon name="shield-check" size={16} />
              {words.verified}
            </span>
          ) : null}
        </span>
      </span>
    </span>
  );
}

function Safety({ contact: { address, verifiedAt, loweredAt, verified, disputed } }: { readonly contact: Contact }): ReactNode {
  const { trust } = useMessages();
  const plain = usePlainDate();
  const { safety, verify, history } = trust;
  return (
    <PageSection title={safety.title}>
      {verified ? null : <LookAlikeHint address={address} />}
      <p className={loweredAt === null ? "" : classes["lowered"]}>
        {disputed
          ? safety.disputed
          : verifiedAt !== null
            ? safety.verified(plain(verifiedAt))
            : loweredAt !== null
              ? safety.lowered(plain(loweredAt))
              : safety.none}
      </p>
      <div className={classes["actions"]}>
        <a className={classes["link"]} href={hrefOf({ room: "contacts", path: [address, "verify"] })}>
          <Icon name="shield-check" size={18} />
          {verified ? safety.look : verify.open}
        </a>
        <a className={classes["link"]} href={hrefOf({ room: "contacts", path: [address, "history"] })}>
          <Icon name="clock" size={18} />
          {history.open}
        </a>
      </div>
    </PageSection>
  );
}

function CopyButton({ address }: { readonly address: Address }): ReactNode {
  const { contacts: words, common } = useMessages();
  const copy = (): void => {
    navigator.clipboard.writeText(address).then(
      () => toast({ text: words.copied }),
      () => toast({ text: common.errors.other, tone: "error" }),
    );
  };
  return <IconButton icon="copy" label={words.copy} onPress={copy} />;
}

function NotYet({ address }: { readonly address: Address }): ReactNode {
  const messages = useMessages();
  const { contacts: words } = messages;
  const engine = useEngine();
  const [busy, setBusy] = useState(false);
  const lookUp = (): void => {
    if (busy) return;
    setBusy(true);
    engine
      .call("contacts.resolve", [address])
      .catch((error: unknown) => toast({ text: faultText(messages, error), tone: "error" }))
      .finally(() => setBusy(false));
  };
  return (
    <>
      <p>{words.notYet.text(address)}</p>
      <LookAlikeHint address={address} />
      <PersonNotices address={address} />
      <div className={classes["actions"]}>
        <Button kind="primary" icon="search" onPress={lookUp}>
          {busy ? words.adding.finding : words.lookUp}
        </Button>
      </div>
    </>
  );
}
