import { lazy, Suspense, useEffect, useEffectEvent, useRef, useState, useSyncExternalStore, type ReactNode } from "react";
import { Router } from "wouter";
import { useHashLocation } from "wouter/use-hash-location";
import { loadMessages, loadPart, MessagesProvider, type Messages } from "../messages/messages.tsx";
import { Boundary } from "../ui/boundary.tsx";
import { Splash } from "../ui/splash.tsx";
import { keepOffline } from "../offline/register.ts";
import { toast, Toasts } from "../ui/toasts.tsx";
import type { EngineError } from "../engine/connect.ts";
import type { MailboxState } from "../engine/protocol.ts";
import { useAutoLock } from "../views/door/auto-lock.ts";
import { followClosing } from "./closing.ts";
import { asEngineError, useEngineEvents, useEngineState } from "./engine.tsx";
import { keepAll } from "./leaving.ts";
import { Missing } from "./missing.tsx";
import { leaveInvite, takeInvite } from "./invite.ts";
import { begun, fetchDoor, fetchShell } from "./start.ts";
import { languageOf, onPreferences, preferences, type Language } from "./preferences.ts";

/** How long nothing is fetched beyond what somebody waits for, once there is something to see, milliseconds. */
const PATIENCE = 2_000;

const Door = lazy(async () => ({ default: await fetchDoor() }));
const Shell = lazy(async () => ({ default: await fetchShell() }));

/** Everything: the door where the mailbox isn't open, and the mailbox where it is. */
export function App({ invite: opened }: { readonly invite: string | null }): ReactNode {
  const { spoken, missing } = useTexts();
  const { mailbox } = useEngineState();
  const [failure, setFailure] = useState<EngineError | null>(null);
  const [invite, setInvite] = useState(opened);
  // It led here, or can lead nowhere from here.
  if (mailbox?.kind === "open" && invite !== null) setInvite(null);

  const followed = useRef<MailboxState | null>(null);
  function follow(state: MailboxState): void {
    if (followed.current === state) return;
    followed.current = state;
    followClosing(state);
  }
  useEngineEvents((event) => {
    if (event.type === "state") follow(event.state);
    // What is written stays in sight, to be copied, though nothing more can be done with it here.
    if (event.type === "failed" && mailbox !== null && spoken !== null) {
      const { stopped, reload } = spoken.messages.common.broken;
      toast({ text: stopped, tone: "error", action: { label: reload, run: () => location.reload() }, stays: true, everywhere: true });
    }
  });
  // What was said before anything listened here, and what was seen at a first glance.
  const catchUp = useEffectEvent(follow);
  useEffect(() => {
    if (mailbox !== null) catchUp(mailbox);
  }, [mailbox]);
  useEffect(() => {
    begun.catch((error: unknown) => setFailure(asEngineError(error)));
  }, []);
  useEffect(() => {
    if (mailbox?.kind !== "open" || spoken === null || takeInvite(location) === null) return;
    // Somebody who has a mailbox here opened an invite: it stays good, but not for this browser.
    leaveInvite();
    const { address } = mailbox;
    void loadPart(spoken.language, "door").then(({ door }) => {
      if (door !== undefined) toast({ text: `${door.name.here(address)}. ${door.name.hereText}` });
    });
  }, [mailbox, spoken]);
  useAutoLock(mailbox?.kind === "open");
  useOffline(spoken?.messages ?? null);

  if (spoken === null && missing) return <Missing />;
  if (spoken === null || (mailbox === null && failure === null)) return <Splash />;
  return (
    <MessagesProvider messages={spoken.messages} language={spoken.language}>
      <Router hook={useHashLocation}>
        {/* Another one for each: what was open doesn’t lie hidden while the door is fetched. The door stays the same all the way through it. */}
        <Boundary key={mailbox?.kind === "open" ? "mailbox" : "door"} shown={mailbox?.kind ?? "empty"} whole>
          <Suspense fallback={<Splash />}>
            {mailbox?.kind === "open" ? (
              <Shell address={mailbox.address} />
            ) : (
              <Door state={mailbox ?? { kind: "empty" }} invite={invite} failure={failure} />
            )}
          </Suspense>
        </Boundary>
        <Toasts />
      </Router>
    </MessagesProvider>
  );
}

/** Keeps the client on this device, and says when a newer one is there. */
function useOffline(messages: Messages | null): void {
  const texts = useRef(messages);
  useEffect(() => {
    texts.current = messages;
  });
  useEffect(() => {
    void keepOffline({
      when: quiet(),
      onWaiting: (takeOver) => {
        const common = texts.current?.common;
        if (common !== undefined)
          toast({ text: common.newVersion, action: { label: common.reload, run: takeOver }, stays: true, everywhere: true });
      },
      // A tab whose files are gone can't open another room: it begins anew, once what is written in it is kept.
      onReplaced: () => void keepAll().finally(() => location.reload()),
      onChosen: (data) => {
        if (typeof data === "string" && data.startsWith("#/")) location.hash = data;
      },
    }).catch(() => undefined);
  }, []);
}

interface Spoken {
  readonly messages: Messages;
  readonly language: Language;
}

/** The texts of the chosen language; `missing`: they could not be fetched. */
function useTexts(): { readonly spoken: Spoken | null; readonly missing: boolean } {
  const language = useSyncExternalStore(onPreferences, () => languageOf(preferences()));
  const [spoken, setSpoken] = useState<Spoken | null>(null);
  const [missing, setMissing] = useState(false);
  useEffect(() => {
    let wanted = true;
    loadMessages(language).then(
      (messages) => {
        if (!wanted) return;
        document.documentElement.lang = language;
        setSpoken({ messages, language });
      },
      () => {
        if (wanted) setMissing(true);
      },
    );
    return () => void (wanted = false);
  }, [language]);
  return { spoken, missing };
}

/** Once the engine is here, and what it was first asked for. */
async function quiet(): Promise<void> {
  await begun.catch(() => undefined);
  await new Promise((resolve) => setTimeout(resolve, PATIENCE));
  // It locks without a network, too.
  await fetchDoor().catch(() => undefined);
}
