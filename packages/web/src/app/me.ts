import type { Address } from "@smimp/protocol";
import { useEngineState } from "./engine.tsx";

/** The owner's own address; null while the mailbox isn't open. */
export function useMe(): Address | null {
  const { mailbox } = useEngineState();
  // The engine gives addresses in normal form.
  return mailbox?.kind === "open" ? (mailbox.address as Address) : null;
}
