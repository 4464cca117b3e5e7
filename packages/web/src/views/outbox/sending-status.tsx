import { useEffect, type ReactNode } from "react";
import { useKeptChatDrafts } from "../../app/chat-drafts.ts";
import { parkComposers } from "../../app/composing.ts";
import { useLeaving } from "../../app/leaving.ts";
import { WorkCard } from "./work-card.tsx";
import { WorkQuestion } from "./work-question.tsx";

/** What sending has to say wherever somebody is: the work that it costs, and whether that is too much. */
export function SendingStatus(): ReactNode {
  // Nothing that was written stays in the page of a mailbox that is closed.
  useEffect(() => parkComposers, []);
  useKeptChatDrafts();
  useLeaving();
  return (
    <>
      <WorkCard />
      <WorkQuestion />
    </>
  );
}
