import type { Address } from "@smimp/protocol";
import type { ReactNode } from "react";
import { useMessages } from "../../messages/messages.tsx";
import { Button } from "../../ui/button.tsx";

/** Somebody who is not known: their server hears of nobody who only followed a link. */
export function AskFirst({ address, onAsk }: { readonly address: Address; readonly onAsk: () => void }): ReactNode {
  const { contacts } = useMessages();
  return (
    <>
      <p>{contacts.notYet.text(address)}</p>
      <p>
        <Button kind="primary" icon="search" onPress={onAsk}>
          {contacts.lookUp}
        </Button>
      </p>
    </>
  );
}
