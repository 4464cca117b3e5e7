import { useState, type ReactNode } from "react";
import { useEngine } from "../../app/engine.tsx";
import { useMessages } from "../../messages/messages.tsx";
import { Button } from "../../ui/button.tsx";
import classes from "./new-passphrase.module.css";
import { PassphraseField } from "./passphrase-field.tsx";
import { MIN_PASSPHRASE, strengthOf, type Strength } from "./strength.ts";

/** A passphrase that is being chosen. */
export interface NewPassphrase {
  readonly passphrase: string;
  /** Typed once more, where it can't be read. */
  readonly again: string;
  readonly shown: boolean;
}

/** Nothing chosen yet. */
export const NO_PASSPHRASE: NewPassphrase = { passphrase: "", again: "", shown: false };

/** What is wrong with a choice: nothing where it can be taken. */
export function faultOf({ passphrase, again, shown }: NewPassphrase): "short" | "different" | null {
  if (passphrase.length < MIN_PASSPHRASE) return "short";
  return shown || again === passphrase ? null : "different";
}

/** Whether the second one can't become the first any more, however it goes on. */
export function isAstray({ passphrase, again, shown }: NewPassphrase): boolean {
  return !shown && !passphrase.startsWith(again);
}

const LEVELS: readonly Strength[] = ["weak", "fair", "good", "strong"];

/** The fields in which a passphrase is chosen, with a hint on how strong it is, and a suggestion. */
export function NewPassphraseFields({
  label,
  value,
  onChange,
  fault,
  known,
  autoFocus = false,
}: {
  /** What the passphrase is called, where there is another one beside it. */
  readonly label?: string;
  readonly value: NewPassphrase;
  readonly onChange: (value: NewPassphrase) => void;
  /** What was found wrong with it when it was to be taken. */
  readonly fault: "short" | "different" | null;
  /** What others know of its owner: it makes no passphrase. */
  readonly known: readonly string[];
  readonly autoFocus?: boolean;
}): ReactNode {
  const { door } = useMessages();
  const engine = useEngine();
  const [suggested, setSuggested] = useState<string | null>(null);
  const { passphrase, again, shown } = value;

  async function suggest(): Promise<void> {
    const suggestion = await engine.call("door.suggestPassphrase", []);
    setSuggested(suggestion);
    onChange({ passphrase: suggestion, again: "", shown: true });
  }

  return (
    <>
      <PassphraseField
        label={label ?? door.passphrase}
        autoComplete="new-password"
        value={passphrase}
        onChange={(typed) => onChange({ ...value, passphrase: typed })}
        error={fault === "short" ? door.choose.short(MIN_PASSPHRASE) : null}
        autoFocus={autoFocus}
        shown={shown}
        onShow={(show) => onChange({ ...value, shown: show })}
        {...(suggested === passphrase
          ? { help: door.choose.suggested }
          : fault !== "short" && passphrase.length < MIN_PASSPHRASE
            ? { help: door.choose.least(MIN_PASSPHRASE) }
            : {})}
      />
      <div className={classes["below"]}>
        <StrengthHint strength={passphrase === "" ? null : strengthOf(passphrase, known)} />
        <Button kind="quiet" onPress={() => void suggest()}>
          {door.choose.suggest}
        </Button>
      </div>
      {shown ? null : (
        <PassphraseField
          label={door.choose.again}
          autoComplete="new-password"
          value={again}
          onChange={(typed) => onChange({ ...value, again: typed })}
          error={fault === "different" || isAstray(value) ? door.choose.different : null}
          shown={shown}
          onShow={(show) => onChange({ ...value, shown: show })}
        />
      )}
    </>
  );
}

function StrengthHint({ strength }: { readonly strength: Strength | null }): ReactNode {
  const { door } = useMessages();
  const level = strength === null ? -1 : LEVELS.indexOf(strength);
  return (
    <div className={classes["strength"]} role="status">
      <span className={classes["bars"]} aria-hidden="true">
        {LEVELS.map((each, index) => (
          <span key={each} className={`${classes["bar"]} ${index <= level ? classes[strength ?? "weak"] : ""}`} />
        ))}
      </span>
      {strength === null ? null : (
        <span>
          <span className="visually-hidden">{`${door.choose.strength}: `}</span>
          {door.choose.strengths[strength]}
        </span>
      )}
    </div>
  );
}
