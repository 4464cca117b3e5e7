import { useState, type FormEvent, type ReactNode } from "react";
import { useLive } from "../../app/engine.tsx";
import { shownName } from "../../app/text.ts";
import { useMessages } from "../../messages/messages.tsx";
import { Button } from "../../ui/button.tsx";
import { Field } from "../../ui/field.tsx";
import { FormChip } from "./chip.tsx";
import classes from "./person-filter.module.css";

/** People that are offered at most. */
const OFFERED = 5;

/** A filter for a person: somebody known is offered, anything can be typed. */
export function PersonFilter({ label, onChoose }: { readonly label: string; readonly onChoose: (who: string) => void }): ReactNode {
  return <FormChip label={label}>{(close) => <PersonForm onChoose={onChoose} close={close} />}</FormChip>;
}

function PersonForm({ onChoose, close }: { readonly onChoose: (who: string) => void; readonly close: () => void }): ReactNode {
  const { search } = useMessages();
  const { data: contacts = [] } = useLive("contacts.list", [], ["contacts"]);
  const [who, setWho] = useState("");
  const typed = who.trim().toLowerCase();
  const offered = contacts
    .filter(({ address, name }) => typed !== "" && `${name ?? ""} ${address}`.toLowerCase().includes(typed))
    .slice(0, OFFERED);

  function choose(chosen: string): void {
    close();
    onChoose(chosen);
  }
  function submit(event: FormEvent): void {
    event.preventDefault();
    if (typed !== "") choose(who.trim());
  }

  return (
    <form className={classes["form"]} onSubmit={submit}>
      <Field
        label={search.filters.who}
        value={who}
        onChange={setWho}
        autoFocus
        autoComplete="off"
        autoCapitalize="none"
        spellCheck="false"
      />
      {offered.length === 0 ? null : (
        <ul className={classes["offered"]}>
          {offered.map(({ address, name: own }) => {
            const name = shownName(own);
            return (
              <li key={address}>
                <Button kind="quiet" wide onPress={() => choose(address)}>
                  <span className={classes["person"]}>
                    <bdi>{name === null ? address : `${name} · ${address}`}</bdi>
                  </span>
                </Button>
              </li>
            );
          })}
        </ul>
      )}
      <Button kind="primary" type="submit" isDisabled={typed === ""}>
        {search.filters.apply}
      </Button>
    </form>
  );
}
