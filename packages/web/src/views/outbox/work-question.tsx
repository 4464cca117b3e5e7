import { useState, type ReactNode } from "react";
import { useEngine, useEngineEvents } from "../../app/engine.tsx";
import { viewWith } from "../../app/later.tsx";
import type { EngineEvent } from "../../engine/protocol.ts";
import { Beside } from "../../ui/beside.tsx";

const WorthIt = viewWith("later", async () => (await import("./worth-it.tsx")).WorthIt);

type Asked = Extract<EngineEvent, { readonly type: "question" }>;

/** Asks whether a message is worth the work, where a server wants much of it. */
export function WorkQuestion(): ReactNode {
  const engine = useEngine();
  const [asked, setAsked] = useState<readonly Asked[]>([]);
  useEngineEvents((event) => {
    if (event.type === "question") setAsked((before) => [...before, event]);
    if (event.type === "settled") setAsked((before) => before.filter(({ id }) => id !== event.id));
  });
  const [first] = asked;
  if (first === undefined) return null;

  const answer = (yes: boolean): void => {
    setAsked((before) => before.filter(({ id }) => id !== first.id));
    void engine.call("questions.answer", [first.id, yes]).catch(() => undefined);
  };
  return (
    <Beside>
      <WorthIt key={first.id} asked={first.question} answer={answer} />
    </Beside>
  );
}
