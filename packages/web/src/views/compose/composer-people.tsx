import type { Address } from "@smimp/protocol";
import { useImperativeHandle, useRef, useState, type ReactNode, type Ref } from "react";
import { useMessages } from "../../messages/messages.tsx";
import { Button } from "../../ui/button.tsx";
import { useScreen } from "../shell/screen.ts";
import classes from "./composer-form.module.css";
import { Recipients, type Recipient, type RecipientsHandle } from "./recipients.tsx";
import type { Standing } from "./use-standings.ts";

/** Whom a message goes to. */
export interface People {
  readonly to: readonly Recipient[];
  readonly cc: readonly Recipient[];
  readonly bcc: readonly Recipient[];
}

/** All rows of recipients, from outside. */
export interface PeopleHandle {
  /** Takes over what is still being typed; resolves with everybody. */
  commit(): Promise<readonly Recipient[]>;
  focus(): void;
  /** Goes to the first that is no address. */
  focusWrong(): void;
}

/** Rows for whom a message goes to; those for copies are there once somebody wants them. */
export function ComposerPeople({
  ref,
  people,
  onChange,
  standings,
  autoFocus,
}: {
  readonly ref: Ref<PeopleHandle>;
  readonly people: People;
  readonly onChange: (row: keyof People, value: readonly Recipient[]) => void;
  readonly standings: ReadonlyMap<Address, Standing>;
  readonly autoFocus: boolean;
}): ReactNode {
  const { compose } = useMessages();
  const [wanted, setWanted] = useState({ cc: false, bcc: false });
  const [begun] = useState(people);
  const to = useRef<RecipientsHandle>(null);
  const cc = useRef<RecipientsHandle>(null);
  const bcc = useRef<RecipientsHandle>(null);
  // One button for both where there is little room.
  const isNarrow = useScreen() === "narrow";
  const isThere = (row: "cc" | "bcc"): boolean => wanted[row] || begun[row].length > 0 || people[row].length > 0;
  const partsOf = (row: keyof People) => ({
    label: compose[row],
    value: people[row],
    onChange: (value: readonly Recipient[]) => onChange(row, value),
    standings,
  });
  const rows = { cc: isThere("cc"), bcc: isThere("bcc") };

  useImperativeHandle(ref, () => ({
    commit: async () => {
      const all: Recipient[] = [];
      for (const handle of [to, cc, bcc]) {
        // oxlint-disable-next-line no-await-in-loop -- each row takes what the one before left
        all.push(...((await handle.current?.commit()) ?? []));
      }
      return all;
    },
    focus: () => to.current?.focus(),
    focusWrong: () => void [to, cc, bcc].some((handle) => handle.current?.focusWrong() === true),
  }));

  return (
    <>
      <Recipients
        ref={to}
        {...partsOf("to")}
        autoFocus={autoFocus && people.to.length === 0}
        action={
          rows.cc && rows.bcc ? null : (
            <span className={classes["more"]}>
              {rows.cc ? null : (
                <Button kind="quiet" onPress={() => setWanted({ cc: true, bcc: wanted.bcc || isNarrow })}>
                  {isNarrow && !rows.bcc ? compose.addBoth : compose.addCc}
                </Button>
              )}
              {rows.bcc || isNarrow ? null : (
                <Button kind="quiet" onPress={() => setWanted({ ...wanted, bcc: true })}>
                  {compose.addBcc}
                </Button>
              )}
            </span>
          )
        }
      />
      {rows.cc ? <Recipients ref={cc} {...partsOf("cc")} autoFocus={people.cc.length === 0} /> : null}
      {rows.bcc ? <Recipients ref={bcc} {...partsOf("bcc")} autoFocus={people.bcc.length === 0} /> : null}
    </>
  );
}
