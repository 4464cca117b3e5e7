import { useState, type FormEvent, type ReactNode } from "react";
import { useMessages } from "../../../messages/messages.tsx";
import { Banner } from "../../../ui/banner.tsx";
import { Button } from "../../../ui/button.tsx";
import { Field } from "../../../ui/field.tsx";
import classes from "../form.module.css";

/** How many words are asked for. */
const ASKED = 3;

/** Asks for some of the words, so that the sheet of paper is known to exist. */
export function ConfirmWordsForm({
  words,
  busy,
  error,
  onConfirm,
  onAgain,
}: {
  readonly words: readonly string[];
  readonly busy: boolean;
  /** What went wrong behind it. */
  readonly error: string | null;
  readonly onConfirm: () => void;
  /** Shows the words again. */
  readonly onAgain: () => void;
}): ReactNode {
  const { door, common } = useMessages();
  const [asked] = useState(() => choose(words.length));
  const [typed, setTyped] = useState<Readonly<Record<number, string>>>({});
  /** Places whose words were looked at. */
  const [seen, setSeen] = useState<ReadonlySet<number>>(new Set());

  function faultAt(index: number): string | null {
    const word = (typed[index] ?? "").trim().toLowerCase();
    if (word === words[index]) return null;
    if (word === "") return door.confirm.missing(index + 1);
    const found = words.indexOf(word);
    return found < 0 ? door.confirm.wrong(index + 1) : door.confirm.other(index + 1, found + 1);
  }

  function confirm(event: FormEvent): void {
    event.preventDefault();
    setSeen(new Set(asked));
    const missed = asked.find((index) => faultAt(index) !== null);
    if (missed !== undefined) return document.getElementById(idOf(missed))?.focus();
    if (!busy) onConfirm();
  }

  function type(index: number, text: string): void {
    setTyped((before) => ({ ...before, [index]: text }));
    setSeen((before) => new Set([...before].filter((each) => each !== index)));
  }

  return (
    <form onSubmit={confirm} className={classes["form"]} autoComplete="off" noValidate>
      {asked.map((index, place) => (
        <Field
          key={index}
          id={idOf(index)}
          label={door.confirm.word(index + 1)}
          value={typed[index] ?? ""}
          onChange={(text) => type(index, text)}
          onBlur={() => (typed[index] === undefined || typed[index] === "" ? undefined : setSeen((before) => new Set([...before, index])))}
          error={seen.has(index) ? faultAt(index) : null}
          autoFocus={place === 0}
          autoComplete="off"
          autoCapitalize="none"
          spellCheck="false"
        />
      ))}
      {error === null ? null : <Banner tone="danger" icon="error" title={error} />}
      <Button kind="primary" type="submit" wide isDisabled={busy}>
        {common.next}
      </Button>
      <div className={classes["quietly"]}>
        <Button kind="quiet" onPress={onAgain}>
          {door.confirm.again}
        </Button>
      </div>
    </form>
  );
}

function idOf(index: number): string {
  return `word-${index}`;
}

/** Places of words, in their order, each once. */
function choose(count: number): readonly number[] {
  const chosen = new Set<number>();
  const drawn = new Uint32Array(1);
  while (chosen.size < Math.min(ASKED, count)) chosen.add((crypto.getRandomValues(drawn)[0] ?? 0) % count);
  return [...chosen].toSorted((a, b) => a - b);
}
