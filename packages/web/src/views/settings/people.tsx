import type { ReactNode } from "react";
import { goTo } from "../../app/places.ts";
import { useMessages } from "../../messages/messages.tsx";
import { Button } from "../../ui/button.tsx";
import { AllowList, BlockList } from "../contacts/access-lists.tsx";
import { Group, Row, Section } from "./section.tsx";

/** Who gets in, and who doesn't. */
export function People(): ReactNode {
  const { settings, mailbox, contacts } = useMessages();
  const texts = settings.people;
  return (
    <Section title={settings.sections.people} intro={texts.intro}>
      <Group title={contacts.lists.block} text={contacts.lists.blockText}>
        <BlockList />
      </Group>
      <Group title={contacts.lists.allow} text={contacts.lists.allowText}>
        <AllowList />
      </Group>
      <Group title={mailbox.rooms.contacts} text={texts.contacts}>
        <Row>
          <Button icon="people" onPress={() => goTo({ room: "contacts", path: [] })}>
            {texts.open}
          </Button>
        </Row>
      </Group>
    </Section>
  );
}
