import { useRef, useState, type ReactNode } from "react";
import { goTo } from "../../app/places.ts";
import { useMessages } from "../../messages/messages.tsx";
import { Button } from "../../ui/button.tsx";
import { Dialog, DialogButtons } from "../../ui/dialog.tsx";
import { lookedFor, withMeant } from "../compose/meant.ts";
import { Recipients, type Recipient, type RecipientsHandle } from "../compose/recipients.tsx";
import { Remarks } from "../compose/remarks.tsx";
import { useStandings } from "../compose/use-standings.ts";
import classes from "./new-chat.module.css";

/** Asks with whom somebody wants to talk. */
export function NewChat({ onClose }: { readonly onClose: () => void }): ReactNode {
  const { chat, common, compose } = useMessages();
  const [people, setPeople] = useState<readonly Recipient[]>([]);
  const row = useRef<RecipientsHandle>(null);
  const standings = useStandings(lookedFor(people));

  async function begin(): Promise<void> {
    const chosen = (await row.current?.commit()) ?? people;
    const addresses = chosen.flatMap(({ address }) => address ?? []);
    if (addresses.length < chosen.length) return void row.current?.focusWrong();
    if (addresses.length === 0) return row.current?.focus();
    onClose();
    // The dialog gives the focus back first; then it goes where one writes.
    const chosenPeople = addresses.toSorted().join(",");
    requestAnimationFrame(() => requestAnimationFrame(() => goTo({ room: "chat", with: chosenPeople })));
  }

  return (
    <Dialog title={chat.startTitle} isOpen onClose={onClose}>
      <p>{chat.startText}</p>
      <div className={classes["people"]}>
        <Recipients
          ref={row}
          label={compose.to}
          value={people}
          onChange={setPeople}
          standings={standings}
          autoFocus
          onDone={() => void begin()}
        />
      </div>
      <div className={classes["remarks"]}>
        <Remarks
          open={people}
          hidden={[]}
          standings={standings}
          onMeant={(typed, meant) => {
            setPeople(withMeant(people, typed, meant));
            row.current?.focus();
          }}
        />
      </div>
      <DialogButtons>
        <Button onPress={onClose}>{common.cancel}</Button>
        <Button kind="primary" onPress={() => void begin()}>
          {chat.start}
        </Button>
      </DialogButtons>
    </Dialog>
  );
}
