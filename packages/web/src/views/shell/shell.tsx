import { lazy, Suspense, useMemo, useState, type ReactNode } from "react";
import { openComposer, useComposers } from "../../app/composing.ts";
import { useLive } from "../../app/engine.tsx";
import { viewWith } from "../../app/later.tsx";
import { listOf, usePlace } from "../../app/places.ts";
import { useMessages } from "../../messages/messages.tsx";
import { Beside } from "../../ui/beside.tsx";
import { Boundary } from "../../ui/boundary.tsx";
import { Button } from "../../ui/button.tsx";
import { ActingProvider } from "../mailbox/acting.tsx";
import { SendingStatus } from "../outbox/sending-status.tsx";
import { NoticesCentre } from "../trust/notices-centre.tsx";
import { Bringing } from "./bringing.tsx";
import { ConnectionBanner } from "./connection.tsx";
import { FullBanner } from "./full-banner.tsx";
import { Live } from "./live.tsx";
import { Navigation } from "./navigation.tsx";
import { DrawerContext } from "./pane-header.tsx";
import { Room } from "./room.tsx";
import { useScreen } from "./screen.ts";
import classes from "./shell.module.css";
import { ShellKeys } from "./shell-keys.tsx";

const Compose = viewWith("later", async () => (await import("../compose/compose.tsx")).Compose);
const Drawer = lazy(async () => ({ default: (await import("./drawer.tsx")).Drawer }));

/** The open mailbox: where one can go, what is there, and the message that is open. */
export function Shell({ address }: { readonly address: string }): ReactNode {
  const { mailbox, shell } = useMessages();
  const place = usePlace();
  const composers = useComposers();
  const screen = useScreen();
  const [drawer, setDrawer] = useState(false);
  const { data: counts } = useLive("places.counts", [], ["messages", "folders", "drafts", "outbox"]);
  const openDrawer = useMemo(() => (screen === "wide" ? null : () => setDrawer(true)), [screen]);
  const isList = listOf(place, "") !== null;
  const writable = isList || place.room === "drafts" || place.room === "outbox";
  // Where there is no room for a list beside it, a message takes the button's place too.
  const isCovered = (place.message ?? null) !== null && !(isList && screen === "medium");

  return (
    <ActingProvider address={address}>
      <DrawerContext value={openDrawer}>
        <div className={classes["shell"]}>
          <a className={classes["skip"]} href="#main" onClick={skipToMain}>
            {shell.skip}
          </a>
          {screen === "wide" ? <Navigation address={address} place={place} counts={counts} /> : null}
          <div className={classes["content"]}>
            <ConnectionBanner address={address} />
            <FullBanner />
            <Bringing />
            <Room place={place} />
            {screen !== "wide" && writable && !isCovered && composers.length === 0 ? (
              <div className={`${classes["write"]} ${isList ? classes["inList"] : ""}`}>
                <Button kind="primary" icon="draft" onPress={() => openComposer({ kind: "new" })}>
                  {mailbox.write}
                </Button>
              </div>
            ) : null}
          </div>
        </div>
        {screen === "wide" || !drawer ? null : (
          <Beside>
            <Drawer address={address} place={place} counts={counts} onClose={() => setDrawer(false)} />
          </Beside>
        )}
        {composers.length === 0 ? null : (
          <Boundary className={classes["broken"]}>
            <Suspense fallback={null}>
              <Compose composers={composers} />
            </Suspense>
          </Boundary>
        )}
        <SendingStatus />
        <NoticesCentre />
        <ShellKeys />
        <Beside>
          <Live place={place} unread={(counts?.inbox ?? 0) + (counts?.chats ?? 0)} />
        </Beside>
      </DrawerContext>
    </ActingProvider>
  );
}

function skipToMain(event: { preventDefault(): void }): void {
  event.preventDefault();
  const main = document.querySelector("main");
  main?.querySelector<HTMLElement>("[tabindex='0'], a, button, input")?.focus();
}
