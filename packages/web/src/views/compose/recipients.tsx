import type { Address } from "@smimp/protocol";
import {
  useId,
  useImperativeHandle,
  useLayoutEffect,
  useRef,
  useState,
  type ClipboardEvent,
  type KeyboardEvent,
  type ReactNode,
  type Ref,
} from "react";
import { useEngine } from "../../app/engine.tsx";
import { useNames } from "../../app/names.ts";
import { useMessages } from "../../messages/messages.tsx";
import { Avatar } from "../../ui/avatar.tsx";
import { createAdding, type AddingParts } from "./adding.ts";
import classes from "./recipients.module.css";
import { Token } from "./token.tsx";
import type { Standing } from "./use-standings.ts";
import { useSuggestions } from "./use-suggestions.ts";

/** Somebody whom a message shall go to. */
export interface Recipient {
  readonly text: string;
  /** Null where the text is no address. */
  readonly address: Address | null;
  /** The address that the text would be with a # for its @. */
  readonly meant?: Address;
}

/** A row of recipients, from outside. */
export interface RecipientsHandle {
  /** Takes over what is still being typed. */
  commit(): Promise<readonly Recipient[]>;
  focus(): void;
  /** Goes to the first text that is no address; false where there is none. */
  focusWrong(): boolean;
}

/** What stands between addresses, in whatever list they are copied from. */
const BETWEEN = /[\s,;<>"'()[\]]+/;

/** A field for whom a message goes to: names as tokens, with suggestions from the contacts. */
export function Recipients({
  ref,
  label,
  value,
  onChange,
  standings,
  autoFocus = false,
  action,
  onDone,
}: {
  readonly ref?: Ref<RecipientsHandle>;
  readonly label: string;
  readonly value: readonly Recipient[];
  readonly onChange: (value: readonly Recipient[]) => void;
  readonly standings: ReadonlyMap<Address, Standing>;
  readonly autoFocus?: boolean;
  /** What stands at the row's end. */
  readonly action?: ReactNode;
  /** Enter was pressed where nothing more was typed. */
  readonly onDone?: () => void;
}): ReactNode {
  const { recipients } = useMessages().compose;
  const engine = useEngine();
  const nameOf = useNames();
  const id = useId();
  const input = useRef<HTMLInputElement>(null);
  const tokens = useRef<HTMLUListElement>(null);
  const [typed, setTyped] = useState("");
  const [chosen, setChosen] = useState(0);
  const [told, setTold] = useState("");
  const taken = value.flatMap(({ address }) => address ?? []);
  const { suggestions, dismiss } = useSuggestions(typed, taken);
  const isOpen = suggestions.length > 0;
  const active = isOpen ? suggestions[Math.min(chosen, suggestions.length - 1)] : undefined;

  // What was changed here counts at once, also for who comes before the next rendering.
  const latest = useRef(value);
  useLayoutEffect(() => {
    latest.current = value;
  });
  const adding = useRef(createAdding());

  function change(row: readonly Recipient[]): void {
    latest.current = row;
    onChange(row);
  }

  async function take(texts: readonly string[]): Promise<readonly Recipient[]> {
    setTyped("");
    const parts: AddingParts = {
      parse: async (wanted) => await engine.call("people.parseAll", [wanted]),
      row: () => latest.current,
      change: (row, added) => {
        change(row);
        if (added > 1) setTold(recipients.added(added));
      },
    };
    try {
      return await adding.current(parts, texts);
    } catch (error) {
      // What could not be read stands in the field again.
      setTyped((now) => (now === "" ? texts.join(" ") : now));
      throw error;
    }
  }

  const add = (texts: readonly string[]): void => void take(texts).catch(() => undefined);

  useImperativeHandle(ref, () => ({
    commit: async () => await take([typed]),
    focus: () => input.current?.focus(),
    focusWrong: () => {
      const at = latest.current.findIndex(({ address }) => address === null);
      if (at >= 0) focusToken(tokens.current, at);
      return at >= 0;
    },
  }));

  function remove(recipient: Recipient): void {
    change(latest.current.filter((each) => each !== recipient));
    input.current?.focus();
  }

  function onKeyDown(event: KeyboardEvent<HTMLInputElement>): void {
    const { key, currentTarget, nativeEvent } = event;
    if (nativeEvent.isComposing) return;
    const atStart = currentTarget.selectionStart === 0 && currentTarget.selectionEnd === 0;
    const move = key === "ArrowDown" ? 1 : key === "ArrowUp" ? -1 : 0;
    if (isOpen && move !== 0) setChosen((Math.min(chosen, suggestions.length - 1) + move + suggestions.length) % suggestions.length);
    else if (isOpen && key === "Escape") dismiss();
    else if (key === "Enter" && onDone !== undefined && typed.trim() === "" && value.length > 0) onDone();
    else if (key === "Enter" && !event.ctrlKey && !event.metaKey) add([picked(typed, active?.address)]);
    else if ((key === "," || key === ";" || (key === " " && typed.includes("#"))) && typed.trim() !== "") add([typed]);
    else if (key === "Tab" && !event.shiftKey && active !== undefined) add([picked(typed, active.address)]);
    else if (key === "Backspace" && atStart && value.length > 0) change(latest.current.slice(0, -1));
    else if (key === "ArrowLeft" && atStart) focusToken(tokens.current, -1);
    else return;
    event.stopPropagation();
    event.preventDefault();
  }

  function onPaste(event: ClipboardEvent): void {
    const parts = event.clipboardData.getData("text/plain").split(BETWEEN);
    const addresses = parts.filter((part) => part.includes("#"));
    if (addresses.length === 0) return;
    event.preventDefault();
    add(addresses);
  }

  return (
    <div className={classes["row"]}>
      <label id={`${id}-label`} htmlFor={id} className={classes["label"]}>
        {label}
      </label>
      <div className={classes["box"]}>
        {value.length === 0 ? null : (
          <ul ref={tokens} className={classes["tokens"]} aria-labelledby={`${id}-label`}>
            {value.map((each, index) => (
              <Token
                key={each.address ?? each.text}
                name={each.address === null ? each.text : nameOf(each.address)}
                title={each.address ?? each.text}
                standing={each.address === null ? "invalid" : (standings.get(each.address) ?? "looking")}
                onRemove={() => remove(each)}
                onLeave={(step) => {
                  if (index + step >= value.length) input.current?.focus();
                  else focusToken(tokens.current, Math.max(0, index + step));
                }}
              />
            ))}
          </ul>
        )}
        <input
          ref={input}
          id={id}
          className={classes["input"]}
          role="combobox"
          aria-autocomplete="list"
          aria-expanded={isOpen}
          aria-controls={`${id}-list`}
          {...(active === undefined ? {} : { "aria-activedescendant": `${id}-${active.address}` })}
          aria-describedby={`${id}-hint`}
          placeholder=" "
          autoComplete="off"
          autoCapitalize="none"
          spellCheck={false}
          inputMode="email"
          autoFocus={autoFocus}
          value={typed}
          onChange={({ target }) => {
            setTyped(target.value);
            setChosen(0);
          }}
          onKeyDown={onKeyDown}
          onPaste={onPaste}
          onBlur={() => {
            if (typed.trim() !== "") add([typed]);
          }}
        />
      </div>
      <div id={`${id}-list`} role="listbox" aria-label={recipients.suggestions} className={classes["list"]} hidden={!isOpen}>
        {suggestions.map((each) => (
          <div
            key={each.address}
            id={`${id}-${each.address}`}
            role="option"
            aria-selected={each === active}
            className={classes["option"]}
            onPointerDown={(event) => {
              // The field keeps the focus.
              event.preventDefault();
              add([each.address]);
            }}
          >
            <Avatar name={each.name ?? each.address} seed={each.address} size={28} />
            <span className={classes["who"]}>
              {each.name === null ? null : <span className={classes["name"]}>{each.name}</span>}
              <span className={each.name === null ? classes["name"] : classes["address"]}>{each.address}</span>
            </span>
          </div>
        ))}
      </div>
      {action}
      <span id={`${id}-hint`} className="visually-hidden">
        {recipients.hint}
      </span>
      <span className="visually-hidden" role="status">
        {told}
      </span>
    </div>
  );
}

/** What was typed where that is an address already; else who was suggested. */
function picked(typed: string, suggested: Address | undefined): string {
  return suggested === undefined || /#[^\s#]+\.[^\s#]{2,}$/.test(typed.trim()) ? typed : suggested;
}

function focusToken(list: HTMLUListElement | null, index: number): void {
  [...(list?.querySelectorAll("button") ?? [])].at(index)?.focus();
}
