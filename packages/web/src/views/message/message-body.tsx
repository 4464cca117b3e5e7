import type { InboxMessage } from "@smimp/client";
import { useState, type ReactNode } from "react";
import { SHORT_MESSAGE_TYPE } from "../../app/message-types.ts";
import { useMessages } from "../../messages/messages.tsx";
import { Button } from "../../ui/button.tsx";
import { Markdown, PlainText } from "./markdown.tsx";
import classes from "./message-card.module.css";

/** Characters of a text that are laid out. */
const LAID_OUT = 100_000;

/** What a message says. */
export function MessageBody({
  message: { body, messageType },
}: {
  readonly message: Pick<InboxMessage, "body" | "messageType">;
}): ReactNode {
  const { reading } = useMessages();
  const [all, setAll] = useState(false);
  if (body.trim() === "") return <p className={classes["note"]}>{reading.empty}</p>;
  if (messageType === SHORT_MESSAGE_TYPE) return <PlainText text={body} />;
  if (body.length <= LAID_OUT) return <Markdown text={body} />;
  if (all) return <PlainText text={body} />;
  return (
    <>
      <Markdown text={beginningOf(body)} />
      <p className={classes["note"]}>
        {reading.shortened}{" "}
        <Button kind="quiet" onPress={() => setAll(true)}>
          {reading.showAll}
        </Button>
      </p>
    </>
  );
}

/** As much as is laid out, to the end of a line. */
function beginningOf(body: string): string {
  const end = body.lastIndexOf("\n", LAID_OUT);
  return body.slice(0, end > LAID_OUT / 2 ? end : LAID_OUT);
}
