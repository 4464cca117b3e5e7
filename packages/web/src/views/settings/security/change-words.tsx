import { useEffect, useState, type ReactNode } from "react";
import { useEngine, useLive } from "../../../app/engine.tsx";
import { EngineError } from "../../../engine/connect.ts";
import { goTo } from "../../../app/places.ts";
import { useMessages } from "../../../messages/messages.tsx";
import { Banner } from "../../../ui/banner.tsx";
import { Button } from "../../../ui/button.tsx";
import { Progress } from "../../../ui/progress.tsx";
import { ConfirmWordsForm } from "../../door/join/confirm-words-form.tsx";
import { WordsToKeep } from "../../door/join/words-to-keep.tsx";
import { PHRASE_LENGTH, WordsField } from "../../door/restore/words-field.tsx";
import { useAddress, useBaseUrl } from "../address.ts";
import { FaultLine } from "../fault-line.tsx";
import { useSaving } from "../saving.ts";
import { Form, Group, Note, Row, Section } from "../section.tsx";

type Step =
  | { readonly at: "old" | "changing" | "done" | "undecided" }
  /** The new words, shown first and then asked for. */
  | { readonly at: "new" | "confirm"; readonly words: readonly string[] };

const NOTHING: readonly string[] = Array.from({ length: PHRASE_LENGTH }, () => "");

/** Replaces the recovery words: the old ones first, then the new ones on paper, and only then anything changes. */
export function ChangeWords(): ReactNode {
  const { settings } = useMessages();
  const texts = settings.words;
  const engine = useEngine();
  const address = useAddress();
  const baseUrl = useBaseUrl();
  const [step, setStep] = useState<Step>({ at: "old" });
  const { busy, error, save } = useSaving();
  useEffect(
    () => () => {
      // Whoever leaves before the end keeps the words so far.
      engine.call("keys.cancelPhrase", []).catch(() => undefined);
    },
    [engine],
  );

  async function begin(old: readonly string[]): Promise<void> {
    await save(
      async () => {
        const { phrase } = await engine.call("keys.beginPhrase", [old.join(" ")]);
        setStep({ at: "new", words: phrase.split(" ") });
      },
      { faults: { bad_request: texts.notAPhrase, unauthenticated: texts.notTheirs } },
    );
  }

  async function finish(): Promise<void> {
    setStep({ at: "changing" });
    await save(
      async () => {
        try {
          await engine.call("keys.finishPhrase", []);
          setStep({ at: "done" });
        } catch (fault) {
          setStep({ at: fault instanceof EngineError && fault.code === "temporarily_unavailable" ? "undecided" : "old" });
          throw fault;
        }
      },
      { faults: { TypeError: texts.overtaken, rate_limited: texts.tooOften } },
    );
  }

  return (
    <Section title={texts.title} backTo={{ label: settings.sections.security, path: ["security"] }}>
      {step.at === "old" ? <OldWords busy={busy} error={error} onTyped={(old) => void begin(old)} /> : null}
      {step.at === "new" ? (
        <Group title={texts.newTitle} text={texts.newText}>
          <WordsToKeep address={address} words={step.words} server={baseUrl} />
          <Button kind="primary" wide onPress={() => setStep({ at: "confirm", words: step.words })}>
            {texts.written}
          </Button>
        </Group>
      ) : null}
      {step.at === "confirm" ? (
        <Group title={texts.confirmTitle} text={texts.confirmText}>
          <ConfirmWordsForm
            words={step.words}
            busy={busy}
            error={error}
            onConfirm={() => void finish()}
            onAgain={() => setStep({ at: "new", words: step.words })}
          />
        </Group>
      ) : null}
      {step.at === "changing" ? <Progress label={texts.changing} value={null} /> : null}
      {step.at === "done" ? <Outcome tone="info" title={texts.done} text={texts.doneText} /> : null}
      {step.at === "undecided" ? <Outcome tone="warning" title={texts.undecided.title} text={texts.undecided.text} /> : null}
    </Section>
  );
}

function OldWords({
  busy,
  error,
  onTyped,
}: {
  readonly busy: boolean;
  readonly error: string | null;
  readonly onTyped: (words: readonly string[]) => void;
}): ReactNode {
  const { settings, common } = useMessages();
  const texts = settings.words;
  const { data: known = [] } = useLive("door.wordList", [], []);
  const [words, setWords] = useState(NOTHING);
  const [looked, setLooked] = useState(false);

  function submit(): void {
    setLooked(true);
    if (words.every((word) => known.includes(word))) onTyped(words);
  }

  return (
    <Group title={texts.old} text={texts.oldText}>
      <Form onSubmit={submit}>
        <WordsField words={words} onChange={setWords} known={known} isInvalid={looked} />
        <FaultLine error={error} />
        <Row>
          <Button kind="primary" type="submit" isDisabled={busy}>
            {busy ? texts.checking : common.next}
          </Button>
        </Row>
      </Form>
      <Note>{texts.lost}</Note>
    </Group>
  );
}

function Outcome({ tone, title, text }: { readonly tone: "info" | "warning"; readonly title: string; readonly text: string }): ReactNode {
  const { settings } = useMessages();
  return (
    <>
      <Banner tone={tone} icon={tone === "info" ? "check" : "clock"} title={title}>
        <p>{text}</p>
      </Banner>
      <Row>
        <Button kind="primary" onPress={() => goTo({ room: "settings", path: ["security"] })}>
          {settings.words.finished}
        </Button>
      </Row>
    </>
  );
}
