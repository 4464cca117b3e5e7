import { useEffect, useRef, useState, type ReactNode } from "react";
import { useEngineState, useLive } from "../../app/engine.tsx";
import { viewWith } from "../../app/later.tsx";
import { Beside } from "../../ui/beside.tsx";

const Full = viewWith("later", async () => (await import("./full.tsx")).Full);

/** Shares of the room from which on its owner is told, wherever they are. */
const NEARLY_FULL = 0.95;
const FULL = 0.99;
/** How often it is asked for, milliseconds. */
const EVERY = 10 * 60_000;

/** Says that the mailbox is full, or nearly so, before others are told that nothing more goes in. */
export function FullBanner(): ReactNode {
  const { connection } = useEngineState();
  const { data: quota, reload } = useLive("account.quota", connection === "connected" ? [] : null, []);
  /** What somebody has read already. */
  const [read, setRead] = useState<"nearly" | "full" | null>(null);
  const again = useRef(reload);
  useEffect(() => {
    again.current = reload;
  });
  useEffect(() => {
    const timer = setInterval(() => (document.visibilityState === "visible" ? again.current() : undefined), EVERY);
    return () => clearInterval(timer);
  }, []);

  if (quota === undefined || quota.total === null) return null;
  const { used, total } = quota;
  const state = used / total >= FULL ? "full" : used / total >= NEARLY_FULL ? "nearly" : null;
  if (state === null || state === read) return null;
  return (
    <Beside>
      <Full state={state} left={Math.max(0, total - used)} onRead={() => setRead(state)} />
    </Beside>
  );
}
