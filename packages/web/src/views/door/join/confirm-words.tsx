import { useState, type FormEvent, type ReactNode } from "react";
import { useEngine } from "../../../app/engine.tsx";
import { useMessages } from "../../../messages/messages.tsx";
import { Button } from "../../../ui/button.tsx";
import { faultText } from "../../../ui/fault.ts";
import { Field } from "../../../ui/field.tsx";
import classes from "../form.module.css";
import { DoorPage } from "../page.tsx";

/** How many words are asked for. */
const ASKED = 3;

/** Asks for some of the words, so that the sheet of paper is known to exist. */
export function ConfirmWords({ words, onAgain }: { readonly words: readonly string[]; readonly onAgain: () => void }): ReactNode {
  const messages = useMessages();
  const { door, common } = messages;
  const engine = useEngine();
  const [asked] = useState(() => choose(words.length));
  const [typed, setTyped] = useState<Readonly<Record<number, string>>>({});
  const [wrong, setWrong] = useState<ReadonlySet<number>>(new Set());
  const [error, setError] = useState<string | null>(null);
  const [busy, setBusy] = useState(false);

  async function confirm(event: FormEvent): Promise<void> {
    event.preventDefault();
    const missed = asked.filter((index) => (typed[index] ?? "").trim().toLowerCase() !== words[index]);
    setWrong(new Set(missed));
    if (missed.length > 0) return;
    setBusy(true);
    try {
      await engine.call("door.confirmPhrase", []);
    } catch (fault) {
      setError(faultText(messages, fault));
      setBusy(false);
    }
  }

  return (
    <DoorPage step={2} title={door.confirm.title} text={door.confirm.text}>
      <form onSubmit={(event) => void confirm(event)} className={classes["form"]} autoComplete="off">
        {asked.map((index, place) => (
          <Field
            key={index}
            label={door.confirm.word(index + 1)}
            value={typed[index] ?? ""}
            onChange={(text) => setTyped((before) => ({ ...before, [index]: text }))}
            error={wrong.has(index) ? door.confirm.wrong(index + 1) : null}
            autoFocus={place === 0}
            autoComplete="off"
            autoCapitalize="none"
            spellCheck="false"
          />
        ))}
        {error === null ? null : <p role="alert">{error}</p>}
        <Button kind="primary" type="submit" wide isDisabled={busy}>
          {common.next}
        </Button>
        <Button kind="quiet" onPress={onAgain}>
          {door.confirm.again}
        </Button>
      </form>
    </DoorPage>
  );
}

/** Places of words, in their order, each once. */
function choose(count: number): readonly number[] {
  const chosen = new Set<number>();
  const [drawn] = [new Uint32Array(1)];
  while (chosen.size < Math.min(ASKED, count)) chosen.add((crypto.getRandomValues(drawn)[0] ?? 0) % count);
  return [...chosen].toSorted((a, b) => a - b);
}
