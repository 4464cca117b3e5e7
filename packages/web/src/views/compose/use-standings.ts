import type { Address } from "@smimp/protocol";
import { useEffect, useRef, useState } from "react";
import { asEngineError, useEngine } from "../../app/engine.tsx";

/** What is known of somebody whom a message shall go to. */
export type Standing = "looking" | "known" | "new" | "unknown" | "unreachable" | "problem" | "disputed";

/** People that are looked for at the same time, and in all: nobody reads a hundred remarks. */
const AT_ONCE = 4;
const AT_MOST = 100;

const PASSING: ReadonlySet<string> = new Set(["temporarily_unavailable", "rate_limited"]);

/** Looks for people in the background while somebody writes to them. */
export function useStandings(people: readonly Address[]): ReadonlyMap<Address, Standing> {
  const engine = useEngine();
  const [standings, setStandings] = useState<ReadonlyMap<Address, Standing>>(new Map());
  const asked = useRef(new Set<Address>());
  const waiting = useRef<Address[]>([]);
  const running = useRef(0);
  const key = people.join(" ");

  useEffect(() => {
    const set = (address: Address, standing: Standing): void => setStandings((before) => new Map(before).set(address, standing));
    async function work(): Promise<void> {
      running.current++;
      for (let next = waiting.current.shift(); next !== undefined; next = waiting.current.shift()) {
        const address = next;
        set(address, "looking");
        set(
          address,
          await engine.call("people.look", [address]).then(
            ({ isNew, disputed }): Standing => (disputed ? "disputed" : isNew ? "new" : "known"),
            (error: unknown): Standing => standingOf(asEngineError(error).code),
          ),
        );
      }
      running.current--;
    }
    for (const address of (key === "" ? [] : key.split(" ")) as Address[]) {
      if (asked.current.has(address) || asked.current.size >= AT_MOST) continue;
      asked.current.add(address);
      waiting.current.push(address);
    }
    while (running.current < AT_ONCE && waiting.current.length > 0) void work();
  }, [engine, key]);
  return standings;
}

function standingOf(code: string): Standing {
  if (code === "unknown_user") return "unknown";
  if (code === "history_rewritten") return "disputed";
  return PASSING.has(code) ? "unreachable" : "problem";
}
