import type { Address } from "@smimp/protocol";
import { createContext, lazy, useContext, useMemo, useState, type ReactNode } from "react";
import { useEngine } from "../../app/engine.tsx";
import { goTo, usePlace, withoutMessage } from "../../app/places.ts";
import { useMessages } from "../../messages/messages.tsx";
import { Beside } from "../../ui/beside.tsx";
import { createActions, type Actions, type Work } from "./actions.ts";
import type { Targets } from "./threads.ts";

const ChooseFolder = lazy(async () => ({ default: (await import("./choose-folder.tsx")).ChooseFolder }));
const WorkDialog = lazy(async () => ({ default: (await import("./work-dialog.tsx")).WorkDialog }));
const ChooseLabels = lazy(async () => ({ default: (await import("./choose-labels.tsx")).ChooseLabels }));

/** What can be done with messages, wherever they are shown. */
export interface Acting extends Actions {
  /** Asks for a folder, and moves them there. */
  readonly chooseFolder: (targets: Targets, onChosen?: () => void) => void;
  readonly chooseLabels: (targets: Targets, onChosen?: () => void) => void;
}

interface Choice {
  readonly what: "folder" | "labels";
  readonly targets: Targets;
  readonly onChosen: (() => void) | undefined;
}

const ActingContext = createContext<Acting | null>(null);

/** What can be done with messages. */
export function useActing(): Acting {
  const acting = useContext(ActingContext);
  if (acting === null) throw new TypeError("this view stands below an ActingProvider");
  return acting;
}

/** Makes actions known to all views below, and asks what they need to know. */
export function ActingProvider({ address, children }: { readonly address: string; readonly children: ReactNode }): ReactNode {
  const engine = useEngine();
  const messages = useMessages();
  const place = usePlace();
  const [work, setWork] = useState<Work | null>(null);
  const [choice, setChoice] = useState<Choice | null>(null);

  const acting = useMemo((): Acting => {
    const actions = createActions({ engine, messages, address: address as Address, working: setWork });
    return {
      ...actions,
      chooseFolder: (targets, onChosen) => setChoice({ what: "folder", targets, onChosen }),
      chooseLabels: (targets, onChosen) => setChoice({ what: "labels", targets, onChosen }),
    };
  }, [engine, messages, address]);

  /** What was open goes from view with the rest of what is moved. */
  const move = ({ targets, onChosen }: Choice, folder: string | null, name: string): void => {
    onChosen?.();
    const open = place.message ?? null;
    if (open !== null && (targets.threads ?? []).some(({ messageId }) => messageId === open)) goTo(withoutMessage(place));
    void acting.move(targets, folder, name);
  };
  const close = (): void => setChoice(null);
  return (
    <ActingContext value={acting}>
      {children}
      {choice === null ? null : (
        <Beside>
          {choice.what === "folder" ? (
            <ChooseFolder
              onClose={close}
              onChosen={(folder, name) => move(choice, folder, name)}
              current={choice.targets.list.view === "inbox" ? null : choice.targets.list.folder}
            />
          ) : (
            <ChooseLabels
              targets={choice.targets}
              onClose={close}
              onChosen={(change) => {
                choice.onChosen?.();
                void acting.label(choice.targets, change);
              }}
            />
          )}
        </Beside>
      )}
      {work === null ? null : (
        <Beside>
          <WorkDialog work={work} />
        </Beside>
      )}
    </ActingContext>
  );
}
