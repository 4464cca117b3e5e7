import type { ReactNode } from "react";
import { viewWith } from "../../app/later.tsx";
import { usePlace } from "../../app/places.ts";
import { useSending } from "../../app/sending.ts";
import { Beside } from "../../ui/beside.tsx";

const WorkUnderWay = viewWith("later", async () => (await import("./work-under-way.tsx")).WorkUnderWay);

/** Milliseconds of work that nobody needs to hear of. */
const UNNOTICED = 700;

/** What is being worked at, so that a stranger's server takes a message; in a corner of whatever room somebody is in. */
export function WorkCard(): ReactNode {
  const sending = useSending();
  const place = usePlace();
  const working = [...sending].filter(([, { step, lasts }]) => step === "work" && lasts > UNNOTICED);
  const [first] = working;
  // The outbox shows it already.
  if (first === undefined || place.room === "outbox") return null;
  const [to, step] = first;
  return (
    <Beside>
      <WorkUnderWay key={to} to={to} step={step} />
    </Beside>
  );
}
