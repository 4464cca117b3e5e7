import type { OutboxCopy, OutboxEntry } from "@smimp/client";
import type { Address } from "@smimp/protocol";
import type { SendingStep } from "../../app/sending.ts";
import type { Messages } from "../../messages/messages.tsx";

/** How a message in the outbox stands, for its sender. */
export type Standing = "waiting" | "sending" | "sent" | "failed";

/** How one copy stands. */
export function copyStanding({ state, to }: OutboxCopy, sending: ReadonlyMap<Address, SendingStep>): Standing {
  if (state === "sent" || state === "failed") return state;
  return state === "sending" || sending.has(to) ? "sending" : "waiting";
}

/** How all of it stands: what failed matters most, then what is on its way. */
export function entryStanding({ copies }: Pick<OutboxEntry, "copies">, sending: ReadonlyMap<Address, SendingStep>): Standing {
  const all = copies.map((copy) => copyStanding(copy, sending));
  return (["failed", "sending", "waiting"] as const).find((standing) => all.includes(standing)) ?? "sent";
}

/** Why a copy is not sent, in plain words. */
export function reasonText({ outbox }: Messages, { reason, own }: Pick<OutboxCopy, "reason" | "own">): string {
  const texts: Readonly<Record<string, string>> = own ? { ...outbox.reasons, ...outbox.ownReasons } : outbox.reasons;
  return (reason === null ? undefined : texts[reason]) ?? outbox.reasons.other;
}

/** What is not sent, in the order in which somebody wants to know: what failed, what waits for a reason, what is under way, the rest. */
export function unsentOf(copies: readonly OutboxCopy[], sending: ReadonlyMap<Address, SendingStep>): readonly OutboxCopy[] {
  const rank = (copy: OutboxCopy): number => {
    if (copy.state === "failed") return 0;
    if (copyStanding(copy, sending) === "sending") return 2;
    return copy.reason === null ? 3 : 1;
  };
  return copies.filter(({ state }) => state !== "sent").toSorted((a, b) => rank(a) - rank(b));
}

/** What is done for a copy at the moment. */
export function stepText({ outbox }: Messages, { step, name }: SendingStep): string {
  return step === "upload" ? outbox.steps.upload(name ?? "") : outbox.steps[step];
}
