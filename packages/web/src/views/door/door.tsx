import type { ReactNode } from "react";
import type { MailboxState } from "../../engine/protocol.ts";
import { useMessages } from "../../messages/messages.tsx";
import { NameStep } from "./join/name-step.tsx";
import { PassphraseStep } from "./join/passphrase-step.tsx";
import { WordsStep } from "./join/words-step.tsx";
import { DoorPage } from "./page.tsx";
import { Unlock } from "./unlock.tsx";

/** What stands before the mailbox: joining, unlocking, restoring, linking. */
export function Door({
  state,
  invite,
}: {
  readonly state: Exclude<MailboxState, { kind: "open" }>;
  readonly invite: string | null;
  readonly failed: boolean;
}): ReactNode {
  const { door } = useMessages();
  if (state.kind === "joining") return state.step === "phrase" ? <WordsStep /> : <PassphraseStep />;
  if (state.kind === "locked") return <Unlock address={state.address} />;
  if (state.kind === "empty" && invite !== null) return <NameStep invite={invite} />;
  return <DoorPage title={door.welcomeTitle} text={door.welcomeText} />;
}
