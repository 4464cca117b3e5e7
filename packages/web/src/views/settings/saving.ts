import { useState } from "react";
import { EngineError } from "../../engine/connect.ts";
import { useMessages } from "../../messages/messages.tsx";
import { faultText } from "../../ui/fault.ts";
import { toast } from "../../ui/toasts.tsx";

/** Words for errors that mean something of their own here, by their codes. */
export type Faults = Readonly<Record<string, string>>;

/** Something that is saved or done, once at a time. */
export interface Saving {
  readonly busy: boolean;
  /** What went wrong; null where nothing did. */
  readonly error: string | null;
  /** What the work itself had to say at its end; null before. */
  readonly done: string | null;
  /** Does it and says so; whether it went well. */
  readonly save: (work: () => Promise<unknown>, options?: { readonly said?: string; readonly faults?: Faults }) => Promise<boolean>;
  readonly clear: () => void;
}

/** What forms have in common: they say what was saved, and what went wrong in words. */
export function useSaving(): Saving {
  const messages = useMessages();
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<string | null>(null);
  const [done, setDone] = useState<string | null>(null);
  return {
    busy,
    error,
    done,
    clear: () => setError(null),
    save: async (work, { said, faults = {} } = {}) => {
      if (busy) return false;
      setBusy(true);
      setError(null);
      setDone(null);
      try {
        const word = await work();
        if (typeof word === "string") setDone(word);
        if (said !== undefined) toast({ text: said });
        return true;
      } catch (fault) {
        const known = fault instanceof EngineError ? faults[fault.code] : undefined;
        setError(known ?? faultText(messages, fault));
        return false;
      } finally {
        setBusy(false);
      }
    },
  };
}
