import type { Notice } from "@smimp/client";
import { useLive } from "../../app/engine.tsx";

/** What the owner has to know; undefined until the engine has said. Notices come with messages, with what is sent and with lookups. */
export function useNotices(): readonly Notice[] | undefined {
  return useLive("notices.list", [], ["notices", "contacts", "outbox"]).data;
}
