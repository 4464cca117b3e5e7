import type { ReactNode } from "react";
import { useMessages } from "../../../messages/messages.tsx";
import { Section } from "../section.tsx";
import { AutoAnswer } from "./auto-answer.tsx";
import { Signature } from "./signature.tsx";

/** What goes along with messages, and what is answered while the owner is away. */
export function Writing(): ReactNode {
  const { settings } = useMessages();
  return (
    <Section title={settings.sections.writing} intro={settings.writing.intro}>
      <Signature />
      <AutoAnswer />
    </Section>
  );
}
