import type { ReactNode } from "react";
import { useLive } from "../../app/engine.tsx";
import { useSending } from "../../app/sending.ts";
import { useMessages } from "../../messages/messages.tsx";
import { Banner } from "../../ui/banner.tsx";
import { Button } from "../../ui/button.tsx";
import { Empty } from "../../ui/empty.tsx";
import { faultText } from "../../ui/fault.ts";
import { PaneHeader } from "../shell/pane-header.tsx";
import { useConnected } from "./connected.ts";
import { Entry } from "./entry.tsx";
import classes from "./outbox.module.css";

const NOTHING: ReturnType<typeof useSending> = new Map();

/** What waits to be sent, and what could not be. */
export function Outbox(): ReactNode {
  const messages = useMessages();
  const { outbox, common } = messages;
  const { data, error, reload } = useLive("outbox.list", [], ["outbox"]);
  const connected = useConnected();
  const under = useSending();
  // Without a connection nothing goes on, whatever was tried last.
  const sending = connected ? under : NOTHING;
  const entries = data?.filter(({ copies }) => copies.some(({ state }) => state !== "sent")).toReversed();
  return (
    <>
      <PaneHeader title={outbox.title} />
      <div className={classes["room"]}>
        {error === null ? null : (
          <Banner tone="danger" icon="error" title={faultText(messages, error)}>
            <Button onPress={reload}>{common.retry}</Button>
          </Banner>
        )}
        {entries?.length === 0 ? <Empty icon="outbox" title={outbox.empty.title} text={outbox.empty.text} /> : null}
        {entries === undefined || entries.length === 0 ? null : (
          <ul className={classes["list"]} aria-label={outbox.list}>
            {entries.map((entry) => (
              <Entry key={entry.id} entry={entry} sending={sending} />
            ))}
          </ul>
        )}
      </div>
    </>
  );
}
