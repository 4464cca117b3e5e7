import { useEffect, useState, useSyncExternalStore, type ReactNode } from "react";
import { useEngine, useEngineState } from "../../app/engine.tsx";
import { viewWith } from "../../app/later.tsx";
import { useMessages } from "../../messages/messages.tsx";
import { Banner } from "../../ui/banner.tsx";
import { Beside } from "../../ui/beside.tsx";
import { Button } from "../../ui/button.tsx";
import classes from "./connection.module.css";

const ShutOut = viewWith("door", async () => (await import("./shut-out.tsx")).ShutOut);

/** How long a connection may be gone before anybody is told, milliseconds: most come back by themselves. */
const PATIENCE = 4_000;

/** Whether the browser has a network at all. */
export function useOnline(): boolean {
  return useSyncExternalStore(subscribe, () => navigator.onLine);
}

/** Says that there is no connection, and that nothing is lost by it; or that there will be none any more. */
export function ConnectionBanner({ address }: { readonly address: string }): ReactNode {
  const { shell } = useMessages();
  const { connection } = useEngineState();
  const { offline } = shell;
  const engine = useEngine();
  const online = useOnline();
  const lost = useLost();

  useEffect(() => {
    const hurry = (): void => {
      if (navigator.onLine && document.visibilityState === "visible") void engine.call("connection.hurry", []).catch(() => undefined);
    };
    addEventListener("online", hurry);
    document.addEventListener("visibilitychange", hurry);
    return () => {
      removeEventListener("online", hurry);
      document.removeEventListener("visibilitychange", hurry);
    };
  }, [engine]);

  if (online && (connection === "removed" || connection === "deleted"))
    return (
      <Beside>
        <ShutOut address={address} isGone={connection === "deleted"} />
      </Beside>
    );
  if (online && !lost) return null;
  return (
    <div className={classes["banner"]}>
      <Banner tone="warning" icon="offline" title={online ? offline.lostTitle : offline.title}>
        <div className={classes["text"]}>
          <p>{online ? offline.lostText : offline.text}</p>
          {online ? (
            <Button kind="quiet" onPress={() => void engine.call("connection.hurry", []).catch(() => undefined)}>
              {offline.retry}
            </Button>
          ) : null}
        </div>
      </Banner>
    </div>
  );
}

/** Whether the connection is gone for longer than a moment. */
function useLost(): boolean {
  const { connection } = useEngineState();
  const connected = connection === "connected";
  const [lost, setLost] = useState(false);
  useEffect(() => {
    const timer = setTimeout(() => setLost(!connected), connected ? 0 : PATIENCE);
    return () => clearTimeout(timer);
  }, [connected]);
  return lost && !connected;
}

function subscribe(listener: () => void): () => void {
  for (const event of ["online", "offline"]) addEventListener(event, listener);
  return () => {
    for (const event of ["online", "offline"]) removeEventListener(event, listener);
  };
}
