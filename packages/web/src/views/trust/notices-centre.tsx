import type { Notice } from "@smimp/client";
import { useEffect, useRef, useState, type ReactNode } from "react";
import { viewWith } from "../../app/later.tsx";
import { Beside } from "../../ui/beside.tsx";
import { useNoticesOpen } from "./notices-open.ts";
import { useNotices } from "./use-notices.ts";

const NoticesTold = viewWith("later", async () => (await import("./notices-told.tsx")).NoticesTold);

/** Everything that the owner has to know, where somebody opens it; what is dangerous is told as it comes. One for the whole page. */
export function NoticesCentre(): ReactNode {
  const isOpen = useNoticesOpen();
  const notices = useNotices();
  const told = useRef<ReadonlySet<string> | null>(null);
  const [fresh, setFresh] = useState<readonly Notice[]>([]);

  useEffect(() => {
    if (notices === undefined) return;
    const before = told.current;
    told.current = new Set(notices.map(({ id }) => id));
    const come = before === null ? [] : notices.filter(({ id }) => !before.has(id));
    if (come.length > 0) setFresh(come);
  }, [notices]);

  if (!isOpen && fresh.length === 0) return null;
  return (
    <Beside>
      <NoticesTold notices={notices ?? []} fresh={fresh} isOpen={isOpen} />
    </Beside>
  );
}
