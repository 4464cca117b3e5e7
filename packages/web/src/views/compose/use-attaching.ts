import { useState } from "react";
import { useDates } from "../../app/dates.ts";
import { useLive } from "../../app/engine.tsx";
import type { AttachedFile } from "../../engine/calls/writing.ts";
import { useMessages } from "../../messages/messages.tsx";
import { attach } from "./attaching.ts";
import type { KeptDraft } from "./use-draft.ts";

/** Attaching files. */
export interface Attaching {
  /** What is said of those that could not be attached. */
  readonly problems: readonly string[];
  readonly add: (files: readonly File[]) => void;
  /** Takes one off again; where its bytes are still on their way, that ends. */
  readonly remove: (file: AttachedFile) => void;
}

/** Attaches files to a draft. `files` are those that are attached at that moment. */
export function useAttaching(
  files: () => readonly AttachedFile[],
  change: (files: readonly AttachedFile[]) => void,
  draft: Pick<KeptDraft, "keptFiles" | "stop">,
): Attaching {
  const { compose } = useMessages();
  const dates = useDates();
  const limits = useLive("server.limits", [], ["settings"]).data ?? { size: null, count: Number.POSITIVE_INFINITY };
  const [problems, setProblems] = useState<readonly string[]>([]);
  return {
    problems,
    add: (list) => {
      const how = { texts: compose.attachments, size: dates.size, time: dates.short };
      const { added, problems: found } = attach(list, files().length, limits, how);
      setProblems(found);
      if (added.length > 0) change([...files(), ...added]);
    },
    remove: ({ key, content }) => {
      if (content !== null && !draft.keptFiles.has(key)) draft.stop();
      change(files().filter((each) => each.key !== key));
    },
  };
}
