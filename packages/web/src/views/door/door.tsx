import { lazy, Suspense, useEffect, useState, type ReactNode } from "react";
import { useLocation } from "wouter";
import { leaveInvite } from "../../app/invite.ts";
import { useEngine } from "../../app/engine.tsx";
import type { EngineError } from "../../engine/connect.ts";
import type { MailboxState } from "../../engine/protocol.ts";
import { Splash } from "../../ui/splash.tsx";
import { Elsewhere } from "./elsewhere.tsx";
import { Failed } from "./failed.tsx";
import { NameStep } from "./join/name-step.tsx";
import { PasteInvite } from "./paste-invite.tsx";
import { Unlock } from "./unlock.tsx";
import { Welcome } from "./welcome.tsx";
import { WorkQuestion } from "./work-question.tsx";

const PassphraseStep = lazy(async () => ({ default: (await import("./join/passphrase-step.tsx")).PassphraseStep }));
const WordsStep = lazy(async () => ({ default: (await import("./join/words-step.tsx")).WordsStep }));
const LinkHere = lazy(async () => ({ default: (await import("./link/link-here.tsx")).LinkHere }));
const Restore = lazy(async () => ({ default: (await import("./restore/restore.tsx")).Restore }));

interface DoorProps {
  readonly state: Exclude<MailboxState, { kind: "open" }>;
  readonly invite: string | null;
  /** Why the mailbox could not be looked at. */
  readonly failure: EngineError | null;
}

/** What stands before the mailbox: joining, unlocking, restoring, linking. */
export function Door(props: DoorProps): ReactNode {
  return (
    <>
      <Suspense fallback={<Splash />}>
        <Way {...props} />
      </Suspense>
      <WorkQuestion />
    </>
  );
}

function Way({ state, invite, failure }: DoorProps): ReactNode {
  const [place, go] = useLocation();
  const [link, setLink] = useState(invite);
  /** Why an account that was begun came to nothing: it is said where one begins anew. */
  const [trouble, setTrouble] = useState<string | null>(null);
  /** Whose mailbox was here: it need not be typed again. */
  const [former, setFormer] = useState("");
  const engine = useEngine();
  const { kind } = state;

  useEffect(() => {
    // The invite is used up, or its link is asked for again: what is begun is in the vault.
    if (kind === "joining") leaveInvite();
  }, [kind]);

  if (failure !== null) return <Failed failure={failure} />;
  switch (state.kind) {
    case "joining":
      return state.step === "phrase" ? (
        <WordsStep address={state.address} onTrouble={setTrouble} />
      ) : (
        <PassphraseStep address={state.address} isNew={state.isNew} />
      );
    case "locked":
      return <Unlock address={state.address} invited={link !== null} onForgotten={() => setFormer(state.address)} />;
    case "elsewhere":
      return <Elsewhere address={state.address} />;
    default:
  }
  if (link !== null) {
    const leave = (): void => {
      leaveInvite();
      setLink(null);
      setTrouble(null);
      go("/", { replace: true });
    };
    return <NameStep invite={link} trouble={trouble} onLeave={leave} />;
  }
  const begun = state.restoring;
  switch (place) {
    case "/invite":
      return <PasteInvite onInvite={setLink} />;
    case "/restore":
      return <Restore former={begun ?? former} interrupted={begun !== undefined} onBack={() => go("/")} />;
    case "/link":
      return <LinkHere former={former} />;
    default:
      return begun === undefined ? (
        <Welcome onInvite={setLink} trouble={trouble} />
      ) : (
        <Restore former={begun} interrupted onBack={() => void engine.call("door.forget", []).catch(() => undefined)} />
      );
  }
}
