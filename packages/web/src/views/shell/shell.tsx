import type { ReactNode } from "react";
import { useLive } from "../../app/engine.tsx";
import { useMessages } from "../../messages/messages.tsx";

/** The open mailbox. */
export function Shell({ address }: { readonly address: string }): ReactNode {
  const { mailbox } = useMessages();
  const { data } = useLive("inbox.list", [{ view: "inbox", limit: 50 }], ["messages"]);
  return (
    <main>
      <h1>{mailbox.inbox}</h1>
      <p>{address}</p>
      <ul>
        {data?.map((line) => (
          <li key={line.messageId}>{line.subject}</li>
        ))}
      </ul>
    </main>
  );
}
