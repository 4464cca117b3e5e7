import { useEffect, useRef } from "react";
import { useEngine, useLive } from "../../app/engine.tsx";
import { LOCK_AFTER } from "../../engine/lock-after.ts";
import { lockMailbox } from "../../app/leaving.ts";

/** What shows that somebody is there. */
const SIGNS = ["pointerdown", "pointermove", "keydown", "wheel", "touchstart"] as const;
/** The engine hears of it so often at most, milliseconds. */
const TOLD_EVERY = 30_000;
/** It is looked so often whether it is time, milliseconds: a machine that slept has missed timers. */
const LOOK_EVERY = 5_000;

/** Locks the open mailbox once nobody has used it for as long as its owner said. */
export function useAutoLock(isOpen: boolean): void {
  const engine = useEngine();
  const { data, error } = useLive("door.lockAfter", isOpen ? [] : null, ["settings"]);
  // What can't be known is as nobody chose otherwise: it never stays open for ever.
  const minutes = data === undefined && error !== null ? LOCK_AFTER : data;
  const told = useRef(0);

  useEffect(() => {
    if (!isOpen || minutes === undefined) return undefined;
    let last = Date.now();
    let locking = false;

    async function lock(): Promise<void> {
      locking = true;
      await lockMailbox(engine).catch(() => undefined);
      locking = false;
    }
    const look = (): void => {
      const idle = Date.now() - last;
      if (minutes !== null && minutes > 0 && !locking && idle >= minutes * 60_000) void lock();
    };
    const used = (): void => {
      const now = Date.now();
      // Whoever comes back after the time is up is not asked by a movement of the mouse, but by the lock.
      look();
      if (locking) return;
      last = now;
      if (now - told.current < TOLD_EVERY) return;
      told.current = now;
      engine.call("door.touch", []).catch(() => undefined);
    };
    const timer = setInterval(look, LOOK_EVERY);
    for (const sign of SIGNS) addEventListener(sign, used, { capture: true, passive: true });
    document.addEventListener("visibilitychange", look);
    return () => {
      clearInterval(timer);
      for (const sign of SIGNS) removeEventListener(sign, used, { capture: true });
      document.removeEventListener("visibilitychange", look);
    };
  }, [engine, isOpen, minutes]);
}
