import type { Progress } from "@smimp/client";
import type { Address } from "@smimp/protocol";
import { useEffect, useRef, useState } from "react";
import { useEngineEvents } from "./engine.tsx";

/** How far it is with sending something to somebody. */
export interface SendingStep extends Pick<Progress, "step" | "name" | "done" | "total"> {
  /** How long this step takes already, milliseconds. */
  readonly lasts: number;
}

/** Milliseconds between two looks at what changes all the time, and after which silence means that it is over. */
const LOOK = 150;
const SILENT = 8_000;

/** How far it is with everybody to whom something is being sent. */
export function useSending(): ReadonlyMap<Address, SendingStep> {
  const [shown, setShown] = useState<ReadonlyMap<Address, SendingStep>>(new Map());
  const steps = useRef(new Map<Address, SendingStep & { readonly since: number; readonly at: number }>());
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined);

  const look = (): void => {
    timer.current ??= setTimeout(() => {
      timer.current = undefined;
      const now = Date.now();
      for (const [to, { at }] of steps.current) if (now - at > SILENT) steps.current.delete(to);
      setShown(new Map(steps.current));
      if (steps.current.size > 0) setTimeout(look, SILENT);
    }, LOOK);
  };
  useEffect(() => () => clearTimeout(timer.current), []);
  useEngineEvents((event) => {
    if (event.type === "progress" && event.progress.to !== null && event.progress.step !== "download") {
      const { to, step, name, done, total } = event.progress;
      const now = Date.now();
      const before = steps.current.get(to);
      const since = before?.step === step ? before.since : now;
      steps.current.set(to, { step, name, done, total, at: now, since, lasts: now - since });
      look();
    }
    // Something was sent, or wasn't: what goes on tells again.
    if (event.type === "changed" && event.topics.includes("outbox")) {
      steps.current.clear();
      look();
    }
  });
  return shown;
}
