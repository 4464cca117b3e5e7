import type { Address } from "@smimp/protocol";
import type { ReactNode } from "react";
import { useLive } from "../../app/engine.tsx";
import { useMessages } from "../../messages/messages.tsx";
import { Banner } from "../../ui/banner.tsx";

/** Says whom an address could be taken for, among those who are known; nothing where it can't. */
export function LookAlikeHint({ address }: { readonly address: Address }): ReactNode {
  const { trust } = useMessages();
  const { data } = useLive("people.lookAlike", [address], ["contacts"]);
  if (data === undefined || data === null) return null;
  return (
    <Banner tone="warning" icon="people" title={trust.marks.alike[data.why](data.address)}>
      <p>{trust.marks.alikeText}</p>
    </Banner>
  );
}
