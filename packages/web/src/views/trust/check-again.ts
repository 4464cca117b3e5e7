import type { Address } from "@smimp/protocol";
import { useState } from "react";
import { useEngine } from "../../app/engine.tsx";
import { useMe } from "../../app/me.ts";
import { useMessages } from "../../messages/messages.tsx";
import { faultText } from "../../ui/fault.ts";
import { EngineError } from "../../engine/connect.ts";
import { toast } from "../../ui/toasts.tsx";
import { DISPUTES } from "./notice-words.ts";

/** Faults that say that nothing has become better. */
const STILL: ReadonlySet<string> = new Set(["history_rewritten", "history_invalid", "key_reused", "server_mismatch"]);

/** Asks a person's server once more. If it shows what it showed before, the notices of it are put away. */
export function useCheckAgain(address: Address | null): { readonly check: () => void; readonly isChecking: boolean } {
  const messages = useMessages();
  const engine = useEngine();
  const me = useMe();
  const [isChecking, setChecking] = useState(false);
  const { notices } = messages.trust;

  async function ask(whom: Address): Promise<void> {
    await engine.call("contacts.resolve", [whom]);
    const all = await engine.call("notices.list", []);
    const over = all.filter((each) => each.address === whom && DISPUTES.has(each.code));
    await engine.call("notices.dismissAll", [over.map(({ id }) => id)]);
    toast({ text: whom === me ? notices.goodOwn : notices.good(whom) });
  }

  return {
    isChecking,
    check: () => {
      if (address === null || isChecking) return;
      setChecking(true);
      ask(address)
        .catch((error: unknown) => {
          const still = error instanceof EngineError && STILL.has(error.code);
          toast({ text: still ? notices.still : faultText(messages, error), tone: "error" });
        })
        .finally(() => setChecking(false));
    },
  };
}
