import { useEffect } from "react";
import { useMessages } from "../messages/messages.tsx";

/** Says in the window's title what is shown. Browsers keep titles: what messages are about has no place in them. */
export function useTitle(name: string): void {
  const { common } = useMessages();
  useEffect(() => {
    document.title = `${name} – ${common.product}`;
  }, [name, common]);
}
