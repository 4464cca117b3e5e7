import { useState, type ReactNode } from "react";
import { useLive } from "../../app/engine.tsx";
import { oneLine } from "../../app/text.ts";
import { useMessages } from "../../messages/messages.tsx";
import { MenuChip, SetChip, ToggleChip } from "./chip.tsx";
import { DateFilter } from "./date-filter.tsx";
import classes from "./filters.module.css";
import { PersonFilter } from "./person-filter.tsx";
import { filterIn, withFilter, withoutFilter, type Operator } from "./pieces.ts";

/** Places that are no folders of the owner's. */
const PLACES = ["inbox", "sent", "all"] as const;

/** Filters to press: they change what is typed. */
export function Filters({ query, onChange }: { readonly query: string; readonly onChange: (query: string) => void }): ReactNode {
  const { search, mailbox } = useMessages();
  const texts = search.filters;
  const { data: folders = [] } = useLive("folders.list", [], ["folders"]);
  const { data: labels = [] } = useLive("inbox.labels", [], ["messages"]);
  // Each choice of a filter begins with an empty one.
  const [turn, setTurn] = useState(0);

  const value = (operator: Operator): string | null => filterIn(query, operator, search);
  function set(operator: Operator, to: string): void {
    setTurn(turn + 1);
    onChange(withFilter(query, operator, to, search));
  }
  const remove = (operator: Operator): void => onChange(withoutFilter(query, operator, search));
  function toggle(operator: "has" | "is", what: string, isOn: boolean): void {
    onChange(isOn ? withFilter(query, operator, what, search, what) : withoutFilter(query, operator, search, what));
  }
  const shownPlace = (place: string): string => {
    const own = PLACES.find((each) => each === place);
    return own === undefined ? oneLine(place) : mailbox.rooms[own];
  };

  const places = [
    ...PLACES.map((place) => ({ value: place as string, label: mailbox.rooms[place] })),
    ...folders.flatMap(({ name }) => (name === null ? [] : [{ value: name, label: oneLine(name) }])),
  ];
  const [from, to, inside, label] = [value("from"), value("to"), value("in"), value("label")];
  return (
    <div className={classes["filters"]} role="group" aria-label={texts.label}>
      {from === null ? (
        <PersonFilter key={`from ${turn}`} label={texts.from} onChoose={(who) => set("from", who)} />
      ) : (
        <SetChip label={texts.from} value={from} onRemove={() => remove("from")} />
      )}
      {to === null ? (
        <PersonFilter key={`to ${turn}`} label={texts.to} onChoose={(who) => set("to", who)} />
      ) : (
        <SetChip label={texts.to} value={to} onRemove={() => remove("to")} />
      )}
      <ToggleChip
        label={texts.attachment}
        isOn={filterIn(query, "has", search, "attachment") !== null}
        onChange={(isOn) => toggle("has", "attachment", isOn)}
      />
      <ToggleChip
        label={texts.unread}
        isOn={filterIn(query, "is", search, "unread") !== null}
        onChange={(isOn) => toggle("is", "unread", isOn)}
      />
      <ToggleChip
        label={texts.starred}
        isOn={filterIn(query, "is", search, "starred") !== null}
        onChange={(isOn) => toggle("is", "starred", isOn)}
      />
      <DateFilter key={`dates ${turn}`} query={query} onChange={onChange} />
      {inside === null ? (
        <MenuChip label={texts.in} options={places} onChoose={(place) => set("in", place)} />
      ) : (
        <SetChip label={texts.in} value={shownPlace(inside)} onRemove={() => remove("in")} />
      )}
      {label === null ? (
        <MenuChip
          label={texts.labelled}
          options={labels.map((each) => ({ value: each.label, label: oneLine(each.label) }))}
          empty={texts.noLabels}
          onChoose={(chosen) => set("label", chosen)}
        />
      ) : (
        <SetChip label={texts.labelled} value={oneLine(label)} onRemove={() => remove("label")} />
      )}
    </div>
  );
}
