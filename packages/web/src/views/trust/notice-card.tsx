import type { Notice } from "@smimp/client";
import { useRef, useState, type ReactNode } from "react";
import { useDates } from "../../app/dates.ts";
import { useEngine } from "../../app/engine.tsx";
import { useMe } from "../../app/me.ts";
import { hrefOf } from "../../app/places.ts";
import { oneLine } from "../../app/text.ts";
import { useMessages } from "../../messages/messages.tsx";
import { Banner } from "../../ui/banner.tsx";
import { Button } from "../../ui/button.tsx";
import type { IconName } from "../../ui/icon.tsx";
import { faultText } from "../../ui/fault.ts";
import { toast } from "../../ui/toasts.tsx";
import classes from "./notice-card.module.css";
import { DISPUTES, severityOf, wordsOf, type NoticeGroup, type Severity } from "./notice-words.ts";
import { useCheckAgain } from "./check-again.ts";

const ICONS: Readonly<Record<Severity, IconName>> = { danger: "error", warning: "error", info: "check" };

/** A notice in words: what happened, when, what to do, and the ways to do it. `linked`: with links to whom and what it is about. */
export function NoticeCard({
  group: { latest, ids },
  linked = true,
  onFollow,
}: {
  readonly group: NoticeGroup;
  readonly linked?: boolean;
  /** Called when somebody follows a link. */
  readonly onFollow?: () => void;
}): ReactNode {
  const messages = useMessages();
  const { trust } = messages;
  const { long } = useDates();
  const engine = useEngine();
  const me = useMe();
  const [busy, setBusy] = useState(false);
  const card = useRef<HTMLDivElement>(null);
  const words = wordsOf(messages, latest, me);
  const { check, isChecking } = useCheckAgain(latest.address);

  const dismiss = (): void => {
    if (busy) return;
    setBusy(true);
    // With the notice goes the button that has the focus: one goes on where the notices stood.
    const place =
      card.current?.closest<HTMLElement>("[role=dialog]") ?? card.current?.closest("section, article, main")?.querySelector("h1");
    engine.call("notices.dismissAll", [ids]).then(
      () => place?.focus(),
      (error: unknown) => {
        setBusy(false);
        toast({ text: faultText(messages, error), tone: "error" });
      },
    );
  };

  return (
    <Banner tone={severityOf(latest)} icon={ICONS[severityOf(latest)]} title={words.title}>
      <div ref={card} className={classes["words"]}>
        <p>{words.text}</p>
        <p>{words.todo}</p>
        <p className={classes["when"]}>
          {ids.length > 1 ? `${trust.notices.times(ids.length)} ` : null}
          <time dateTime={latest.at}>{long(latest.at)}</time>
        </p>
        <div className={classes["actions"]}>
          {DISPUTES.has(latest.code) && latest.address !== null ? (
            <Button kind="secondary" onPress={check}>
              {isChecking ? trust.notices.checking : trust.notices.check}
            </Button>
          ) : null}
          <Links notice={latest} linked={linked} me={me} onFollow={onFollow} />
          <Button kind="quiet" onPress={dismiss} aria-label={trust.notices.dismissNamed(words.title)}>
            {trust.notices.dismiss}
          </Button>
        </div>
        {latest.detail === "" ? null : (
          <details className={classes["details"]}>
            <summary>{trust.notices.details}</summary>
            <p lang="en">
              <bdi>{oneLine(latest.detail)}</bdi>
            </p>
          </details>
        )}
      </div>
    </Banner>
  );
}

function Links({
  notice: { code, address, messageId },
  linked,
  me,
  onFollow,
}: {
  readonly notice: Notice;
  readonly linked: boolean;
  readonly me: string | null;
  readonly onFollow: (() => void) | undefined;
}): ReactNode {
  const { trust } = useMessages();
  const isPerson = address !== null && address !== me;
  return (
    <>
      {code === "contact_key_changed" && address !== null ? (
        <a className={classes["link"]} href={hrefOf({ room: "contacts", path: [address, "verify"] })} onClick={onFollow}>
          {trust.notices.compare}
        </a>
      ) : null}
      {linked && isPerson ? (
        <a className={classes["link"]} href={hrefOf({ room: "contacts", path: [address] })} onClick={onFollow}>
          {trust.notices.person(address)}
        </a>
      ) : null}
      {linked && messageId !== null ? (
        <a className={classes["link"]} href={hrefOf({ room: "all", message: messageId })} onClick={onFollow}>
          {trust.notices.message}
        </a>
      ) : null}
    </>
  );
}
