import { useState, type FormEvent, type ReactNode } from "react";
import { useEngine, useLive } from "../../../app/engine.tsx";
import { useMessages } from "../../../messages/messages.tsx";
import { Banner } from "../../../ui/banner.tsx";
import { Button } from "../../../ui/button.tsx";
import { Field } from "../../../ui/field.tsx";
import { Progress } from "../../../ui/progress.tsx";
import { Radios } from "../../../ui/radios.tsx";
import { restoreFault } from "../faults.ts";
import classes from "../form.module.css";
import { DoorPage } from "../page.tsx";
import { PHRASE_LENGTH, WordsField } from "./words-field.tsx";

/** Why somebody brings their mailbox back. */
type Why = "plain" | "lost" | "taken";

const HOW: Readonly<Record<Why, { readonly rotate?: boolean; readonly takeBack?: boolean }>> = {
  plain: {},
  lost: { rotate: true },
  taken: { takeBack: true },
};

/** Brings a mailbox back with its address and the recovery words. */
export function Restore({
  former,
  interrupted,
  onBack,
}: {
  readonly former: string;
  /** It was begun already, and broke off. */
  readonly interrupted: boolean;
  readonly onBack: () => void;
}): ReactNode {
  const messages = useMessages();
  const { restore } = messages.door;
  const engine = useEngine();
  const { data: known = [] } = useLive("door.wordList", [], []);
  const [address, setAddress] = useState(former);
  const [words, setWords] = useState<readonly string[]>(() => Array.from({ length: PHRASE_LENGTH }, () => ""));
  const [looked, setLooked] = useState(false);
  const [badAddress, setBadAddress] = useState(false);
  const [error, setError] = useState<string | null>(null);
  const [step, setStep] = useState<"words" | "why" | "running">("words");
  const [why, setWhy] = useState<Why>("plain");

  async function look(event: FormEvent): Promise<void> {
    event.preventDefault();
    setLooked(true);
    setError(null);
    const parsed = await engine.call("people.parse", [address]);
    setBadAddress(parsed === null);
    if (parsed === null) return;
    setAddress(parsed);
    if (words.every((word) => known.includes(word))) setStep("why");
  }

  async function bringBack(): Promise<void> {
    setStep("running");
    try {
      await engine.call("door.restore", [address, words.join(" "), HOW[why]]);
    } catch (fault) {
      setError(restoreFault(messages, fault, address));
      setStep("words");
    }
  }

  if (step === "running") {
    return (
      <DoorPage title={restore.title} text={<span className={classes["address"]}>{address}</span>} focusTitle>
        <Progress label={restore.restoring} value={null} />
      </DoorPage>
    );
  }
  if (step === "why") {
    return (
      <DoorPage title={restore.whyTitle} text={restore.whyText} onBack={() => setStep("words")} focusTitle>
        <div className={classes["form"]}>
          <Radios
            label={restore.why}
            value={why}
            onChange={setWhy}
            options={[
              { value: "plain", label: restore.plain, text: restore.plainText },
              { value: "lost", label: restore.lost, text: restore.lostText },
              { value: "taken", label: restore.taken, text: restore.takenText },
            ]}
          />
          <Button kind="primary" wide onPress={() => void bringBack()}>
            {restore.restore}
          </Button>
        </div>
      </DoorPage>
    );
  }
  return (
    <DoorPage title={restore.title} text={restore.text} wide onBack={onBack}>
      <form onSubmit={(event) => void look(event)} className={classes["form"]} autoComplete="off" noValidate>
        {interrupted && error === null ? <Banner tone="info" icon="clock" title={restore.interrupted} /> : null}
        {error === null ? null : <Banner tone="danger" icon="error" title={error} />}
        <Field
          label={restore.address}
          placeholder={restore.example}
          value={address}
          onChange={(text) => {
            setAddress(text);
            setBadAddress(false);
          }}
          error={badAddress ? messages.common.errors.bad_address : null}
          autoComplete="username"
          autoCapitalize="none"
          spellCheck="false"
          autoFocus
        />
        <WordsField words={words} onChange={setWords} known={known} isInvalid={looked} />
        <Button kind="primary" type="submit" wide>
          {messages.common.next}
        </Button>
      </form>
    </DoorPage>
  );
}
