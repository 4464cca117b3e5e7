import { useRef, useState } from "react";
import type { Address } from "@smimp/protocol";
import { useEngine } from "../../app/engine.tsx";
import { oneAtATime } from "../../app/once.ts";
import type { WrittenMessage } from "../../engine/calls/writing.ts";
import { useMessages } from "../../messages/messages.tsx";
import { unknownAmong } from "./doubting.ts";
import { speaksOfAttachment } from "./forgotten.ts";
import { sendSoon } from "./outgoing.ts";
import type { Recipient } from "./recipients.tsx";
import { MAX_RECIPIENTS } from "./remarks.tsx";
import type { Standing } from "./use-standings.ts";

/** What sending needs of the form. */
export interface SendParts {
  /** Everybody whom it goes to, with who is still being typed. */
  readonly commit: () => Promise<readonly Recipient[]>;
  readonly written: () => WrittenMessage;
  /** Keeps it as it is now; the draft's id, or null where nothing was written. */
  readonly keep: () => Promise<string | null>;
  /** It is on its way: nothing more is written here. */
  readonly end: () => void;
  /** Somebody has to be named, or named in another way. */
  readonly askWho: () => void;
  /** What is no address has to become one, or go. */
  readonly askWrong: () => void;
  readonly standings: ReadonlyMap<Address, Standing>;
}

/** Sending what is written. */
export interface Send {
  readonly send: (anyway: boolean) => Promise<void>;
  /** It is about to go: it can't be sent once more. */
  readonly isSending: boolean;
  /** Nobody is named. */
  readonly isMissing: boolean;
  /** Texts that were no addresses when it should be sent. */
  readonly wrong: number;
  /** Somebody was named since. */
  readonly found: () => void;
  /** What may have been forgotten; null where nobody has to be asked. */
  readonly doubts: readonly string[] | null;
  readonly closeDoubts: () => void;
}

/** Sends a message, once, unless something about it is in doubt. */
export function useSend(parts: SendParts): Send {
  const { compose } = useMessages();
  const engine = useEngine();
  const [isMissing, setMissing] = useState(false);
  const [wrong, setWrong] = useState(0);
  const [isSending, setSending] = useState(false);
  const [doubts, setDoubts] = useState<readonly string[] | null>(null);

  async function work({ commit, written, keep, end, askWho, askWrong, standings }: SendParts, anyway: boolean): Promise<void> {
    setDoubts(null);
    const all = await commit();
    if (all.length === 0) {
      setMissing(true);
      return askWho();
    }
    const amiss = all.filter(({ address }) => address === null).length;
    setWrong(amiss);
    if (amiss > 0) return askWrong();
    if (all.length > MAX_RECIPIENTS) return askWho();
    const { subject, body, attachments } = written();
    const unclear = [
      ...(subject.trim() === "" ? [compose.confirm.noSubject] : []),
      ...(subject.trim() === "" && body.trim() === "" && attachments.length === 0 ? [compose.confirm.noText] : []),
      ...(attachments.length === 0 && speaksOfAttachment(body, subject) ? [compose.confirm.forgotten] : []),
      ...unknownAmong(
        compose.recipients,
        all.flatMap(({ address }) => (address !== null && standings.get(address) === "unknown" ? [address] : [])),
      ),
    ];
    if (unclear.length > 0 && !anyway) return setDoubts(unclear);
    setSending(true);
    const id = await keep();
    if (id === null) return;
    end();
    sendSoon(engine, compose, id);
  }

  // Keeping a large file takes a while: who presses again meanwhile, or holds the keys down, sends it once all the same.
  const once = useRef(oneAtATime(async (run: () => Promise<void>) => await run()));
  return {
    send: async (anyway) => {
      try {
        await once.current(async () => {
          try {
            await work(parts, anyway);
          } finally {
            setSending(false);
          }
        });
      } catch {
        // It says so itself, and goes on standing here.
      }
    },
    isSending,
    isMissing,
    wrong,
    found: () => {
      setMissing(false);
      setWrong(0);
    },
    doubts,
    closeDoubts: () => setDoubts(null),
  };
}
