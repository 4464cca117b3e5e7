import { useEngineState } from "../../app/engine.tsx";
import { useOnline } from "../shell/connection.tsx";

/** Whether anything can be sent now: there is a network, and the own server was reached. */
export function useConnected(): boolean {
  const online = useOnline();
  const { connection } = useEngineState();
  return online && connection === "connected";
}
