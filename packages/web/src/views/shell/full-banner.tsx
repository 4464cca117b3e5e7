import { useEffect, useRef, useState, type ReactNode } from "react";
import { useDates } from "../../app/dates.ts";
import { useEngineState, useLive } from "../../app/engine.tsx";
import { hrefOf } from "../../app/places.ts";
import { useMessages } from "../../messages/messages.tsx";
import { Banner } from "../../ui/banner.tsx";
import { IconButton } from "../../ui/button.tsx";
import classes from "./connection.module.css";

/** Shares of the room from which on its owner is told, wherever they are. */
const NEARLY_FULL = 0.95;
const FULL = 0.99;
/** How often it is asked for, milliseconds. */
const EVERY = 10 * 60_000;

/** Says that the mailbox is full, or nearly so, before others are told that nothing more goes in. */
export function FullBanner(): ReactNode {
  const { data, common } = useMessages();
  const { size } = useDates();
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
  const texts = data.full[state];
  return (
    <div className={classes["banner"]}>
      <Banner tone={state === "full" ? "danger" : "warning"} icon="disk" title={texts.title}>
        <div className={classes["text"]}>
          <p>
            {texts.text(size(Math.max(0, total - used)))} <a href={hrefOf({ room: "settings", path: ["storage"] })}>{data.full.look}</a>
          </p>
          <IconButton icon="close" label={common.close} onPress={() => setRead(state)} />
        </div>
      </Banner>
    </div>
  );
}
