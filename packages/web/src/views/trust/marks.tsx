import type { InboxSummary } from "@smimp/client";
import type { ReactNode } from "react";
import { useContact } from "../../app/contacts.ts";
import { hrefOf } from "../../app/places.ts";
import { useMessages, type Messages } from "../../messages/messages.tsx";
import { Banner } from "../../ui/banner.tsx";
import { Icon, type IconName } from "../../ui/icon.tsx";
import { LookAlikeHint } from "./look-alike.tsx";
import classes from "./marks.module.css";
import { MessageNotices } from "./notices.tsx";
import { PeopleNotices } from "./people-notices.tsx";

/** What of a message its marks are made of. */
export type Marked = Pick<InboxSummary, "marks" | "from" | "imported" | "state" | "own"> &
  Partial<Pick<InboxSummary, "reason" | "messageId">>;

/**
 * What a person should know of a message beside its content. Nothing where all is well. `where`: its own header, or one of many in a
 * conversation, above which stands what there is to know of the people.
 */
export function MessageMarks({ message, where }: { readonly message: Marked; readonly where: "header" | "bubble" }): ReactNode {
  const { trust } = useMessages();
  const { marks, from, imported, state, own, reason, messageId } = message;
  const words = trust.marks;
  const isAlone = where === "header";
  // What was imported is the owner's own message; what it claims is told by its mark.
  const isByOther = !own;
  return (
    <div className={classes["marks"]}>
      {isAlone && isByOther && state === "open" && !marks.notAuthenticated && !marks.revokedKey ? <Verified from={from} /> : null}
      {marks.notAuthenticated ? (
        <Mark
          icon="help"
          title={imported === null ? words.bridged : words.imported}
          text={imported === null ? words.bridgedText : words.importedText}
        />
      ) : null}
      {marks.revokedKey ? (
        <Banner tone="danger" icon="error" title={words.revoked(from)}>
          <p>{words.revokedText(from)}</p>
        </Banner>
      ) : null}
      {marks.formerKey && !marks.revokedKey ? (
        <Banner tone="warning" icon="clock" title={words.former}>
          <p>{words.formerText(from)}</p>
        </Banner>
      ) : null}
      {isByOther && marks.firstContact && state === "open" && !marks.notAuthenticated ? <First from={from} /> : null}
      {state === "invalid" ? <p className={classes["reason"]}>{`${words.why}: ${reasonText(words.reasons, reason)}`}</p> : null}
      {isAlone && isByOther ? <PeopleNotices people={[from]} where="message" /> : null}
      {messageId === undefined ? null : <MessageNotices messageId={messageId} />}
    </div>
  );
}

/** A quiet line. */
function Mark({ icon, title, text }: { readonly icon: IconName; readonly title: string; readonly text: string }): ReactNode {
  return (
    <p className={classes["mark"]}>
      <Icon name={icon} size={18} />
      <span>
        <span className={classes["title"]}>{title}</span> {text}
      </span>
    </p>
  );
}

/** Nobody compared anything yet, and this was the first thing that they wrote. */
function First({ from }: { readonly from: Marked["from"] }): ReactNode {
  const { trust } = useMessages();
  const contact = useContact(from);
  if (contact === undefined || contact?.verified === true) return null;
  return (
    <>
      <Mark icon="person" title={trust.marks.first(from)} text={trust.marks.firstText} />
      <LookAlikeHint address={from} />
    </>
  );
}

function Verified({ from }: { readonly from: Marked["from"] }): ReactNode {
  const { trust } = useMessages();
  const contact = useContact(from);
  if (contact?.verified !== true || contact.disputed) return null;
  return (
    <a className={classes["verified"]} href={hrefOf({ room: "contacts", path: [from] })} title={trust.marks.verified(from)}>
      <Icon name="shield-check" size={18} />
      {trust.marks.verifiedShort}
    </a>
  );
}

function reasonText(reasons: Messages["trust"]["marks"]["reasons"], reason: InboxSummary["reason"] | undefined): string {
  const byCode: Readonly<Record<string, string>> = reasons;
  return byCode[reason ?? "other"] ?? reasons.other;
}
