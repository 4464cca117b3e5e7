import { useEngineState } from "../../app/engine.tsx";
import { useMe } from "../../app/me.ts";

/** The address of the open mailbox. */
export function useAddress(): string {
  return useMe() ?? "";
}

/** Where the server of the open mailbox is. */
export function useBaseUrl(): string {
  const { mailbox } = useEngineState();
  return mailbox?.kind === "open" ? mailbox.baseUrl : "";
}
