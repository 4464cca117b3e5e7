import type { Address } from "@smimp/protocol";
import { useState, type ReactNode } from "react";
import { useEngineState } from "../../app/engine.tsx";
import { goTo } from "../../app/places.ts";
import { useMessages } from "../../messages/messages.tsx";
import { IconButton } from "../../ui/button.tsx";
import { Empty } from "../../ui/empty.tsx";
import { PaneHeader } from "../shell/pane-header.tsx";
import { useScreen } from "../shell/screen.ts";
import classes from "./chat.module.css";
import { Conversation } from "./conversation.tsx";
import { Conversations } from "./conversations.tsx";
import { NewChat } from "./new-chat.tsx";
import { parsePeople } from "./people.ts";

/** Short messages as conversations. `with`: one address, or several separated by commas; null where none is chosen. */
export function Chat({ with: chosen }: { readonly with: string | null }): ReactNode {
  const { chat } = useMessages();
  const { mailbox } = useEngineState();
  const screen = useScreen();
  const [beginning, setBeginning] = useState(false);
  const people = parsePeople(chosen);
  const me = mailbox?.kind === "open" ? (mailbox.address as Address) : null;
  if (me === null) return null;

  return (
    <div className={`${classes["panes"]} ${people === null ? "" : classes["talking"]}`}>
      {screen === "narrow" && people !== null ? null : (
        <section className={classes["list"]} aria-label={chat.list}>
          <PaneHeader title={chat.title}>
            <IconButton icon="plus" label={chat.newChat} onPress={() => setBeginning(true)} />
          </PaneHeader>
          <Conversations me={me} chosen={people} onBegin={() => setBeginning(true)} />
        </section>
      )}
      {people === null ? (
        screen === "narrow" ? null : (
          <section className={classes["conversation"]}>
            <Empty icon="chat" title={chat.nobody.title} text={chat.nobody.text} />
          </section>
        )
      ) : (
        <Conversation
          key={people.join(",")}
          people={people}
          onBack={screen === "narrow" ? () => goTo({ room: "chat", with: null }) : null}
        />
      )}
      {beginning ? <NewChat onClose={() => setBeginning(false)} /> : null}
    </div>
  );
}
