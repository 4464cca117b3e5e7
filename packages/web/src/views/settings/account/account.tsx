import type { ReactNode } from "react";
import { useMessages } from "../../../messages/messages.tsx";
import { useAddress, useBaseUrl } from "../address.ts";
import { Facts } from "../facts.tsx";
import { Group, Section } from "../section.tsx";
import { DeleteAccount } from "./delete-account.tsx";
import { Move } from "./move.tsx";

/** The account as a whole: where it is, moving it elsewhere, deleting it. */
export function Account(): ReactNode {
  const { settings, data } = useMessages();
  const texts = data.account;
  const address = useAddress();
  const baseUrl = useBaseUrl();
  return (
    <Section title={settings.sections.account} intro={texts.intro}>
      <Group title={settings.sections.account}>
        <Facts
          facts={[
            [texts.address, address],
            [texts.server, baseUrl],
          ]}
        />
      </Group>
      <Move address={address} />
      <DeleteAccount />
    </Section>
  );
}
