import type { ReactNode } from "react";
import { useMessages } from "../../../messages/messages.tsx";
import { Section } from "../section.tsx";
import { BringMail } from "./bring-mail.tsx";
import { MailCopy } from "./mail-copy.tsx";
import { SealedCopy } from "./sealed-copy.tsx";

/** Mail that goes elsewhere, and mail that comes from elsewhere. */
export function Transfer(): ReactNode {
  const { settings, data } = useMessages();
  return (
    <Section title={settings.sections.transfer} intro={data.transfer.intro}>
      <BringMail />
      <MailCopy />
      <SealedCopy />
    </Section>
  );
}
