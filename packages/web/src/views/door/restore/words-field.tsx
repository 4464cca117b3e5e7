import { useId, useRef, useState, type ClipboardEvent, type KeyboardEvent, type ReactNode } from "react";
import { useMessages } from "../../../messages/messages.tsx";
import classes from "./words-field.module.css";

/** Words of a recovery phrase. */
export const PHRASE_LENGTH = 24;
/** Letters from which on words are suggested, and so many at most. */
const SUGGEST_FROM = 2;
const SUGGESTED = 8;

/** Fields for the words of a recovery phrase: numbered as they are on paper, each completed from its first letters. */
export function WordsField({
  words,
  onChange,
  known,
  isInvalid,
}: {
  readonly words: readonly string[];
  readonly onChange: (words: readonly string[]) => void;
  /** All words that there are. */
  readonly known: readonly string[];
  /** They were looked at, and some are missing. */
  readonly isInvalid: boolean;
}): ReactNode {
  const { restore } = useMessages().door;
  const id = useId();
  const fields = useRef<(HTMLInputElement | null)[]>([]);
  const [at, setAt] = useState<number | null>(null);
  const typed = at === null ? "" : (words[at] ?? "");
  const suggestions =
    typed.length < SUGGEST_FROM ? [] : known.filter((word) => word.startsWith(typed) && word !== typed).slice(0, SUGGESTED);
  const left = words.filter((word) => word === "").length;

  /** Puts words from that place on, where there are several, and goes on behind them. */
  function put(index: number, text: string): void {
    const parts = text
      .toLowerCase()
      .split(/[^a-z]+/)
      .filter((part) => part !== "");
    const several = parts.length > 1 || (parts.length === 1 && /[^a-z]$/i.test(text));
    if (!several) return onChange(words.map((word, place) => (place === index ? (parts[0] ?? "") : word)));
    const next = words.map((word, place) => {
      const part = parts[place - index];
      return place < index || part === undefined ? word : whole(part);
    });
    onChange(next);
    fields.current[Math.min(index + parts.length, PHRASE_LENGTH - 1)]?.focus();
  }

  function whole(word: string): string {
    if (known.includes(word)) return word;
    const matches = word.length < SUGGEST_FROM ? [] : known.filter((each) => each.startsWith(word));
    return matches.length === 1 ? (matches[0] ?? word) : word;
  }

  function leave(index: number): void {
    setAt(null);
    const word = words[index] ?? "";
    if (whole(word) !== word) onChange(words.map((each, place) => (place === index ? whole(word) : each)));
  }

  function press(event: KeyboardEvent, index: number): void {
    if (event.key !== "Enter" || index === PHRASE_LENGTH - 1) return;
    event.preventDefault();
    fields.current[index + 1]?.focus();
  }

  function paste(event: ClipboardEvent, index: number): void {
    const text = event.clipboardData.getData("text");
    if (!/[a-z][^a-z]+[a-z]/i.test(text)) return;
    event.preventDefault();
    put(index, text);
  }

  return (
    <fieldset className={classes["field"]} aria-describedby={`${id}-help`}>
      <legend className={classes["legend"]}>{restore.words}</legend>
      <p id={`${id}-help`} className={classes["help"]}>
        {restore.wordsHelp}
      </p>
      <div className={classes["words"]}>
        {words.map((word, index) => {
          const wrong = word !== "" && at !== index && known.length > 0 && !known.includes(word);
          const missing = isInvalid && word === "";
          return (
            <label key={index} className={`${classes["word"]} ${wrong || missing ? classes["wrong"] : ""}`}>
              <span className={classes["number"]} aria-hidden="true">
                {index + 1}
              </span>
              <input
                ref={(field) => {
                  fields.current[index] = field;
                }}
                className={classes["input"]}
                aria-label={restore.word(index + 1)}
                value={word}
                onChange={({ target }) => put(index, target.value)}
                onFocus={() => setAt(index)}
                onBlur={() => leave(index)}
                onKeyDown={(event) => press(event, index)}
                onPaste={(event) => paste(event, index)}
                list={`${id}-list`}
                lang="en"
                autoComplete="off"
                autoCapitalize="none"
                autoCorrect="off"
                spellCheck={false}
                {...(wrong || missing ? { "aria-invalid": true } : {})}
                {...(wrong ? { "aria-describedby": `${id}-wrong` } : {})}
              />
            </label>
          );
        })}
      </div>
      <datalist id={`${id}-list`}>
        {suggestions.map((each) => (
          <option key={each} value={each}>
            {each}
          </option>
        ))}
      </datalist>
      <p className={classes["state"]} role="status">
        {known.length > 0 && words.some((word, index) => word !== "" && at !== index && !known.includes(word)) ? (
          <span id={`${id}-wrong`} className={classes["fault"]}>
            {restore.unknown}
          </span>
        ) : isInvalid && left > 0 ? (
          <span className={classes["fault"]}>{restore.missing}</span>
        ) : left === PHRASE_LENGTH ? null : (
          restore.left(left)
        )}
      </p>
    </fieldset>
  );
}
