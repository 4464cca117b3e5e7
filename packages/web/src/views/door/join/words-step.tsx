import { useState, type ReactNode } from "react";
import { useLive } from "../../../app/engine.tsx";
import { useMessages } from "../../../messages/messages.tsx";
import { Button } from "../../../ui/button.tsx";
import { Splash } from "../../../ui/splash.tsx";
import classes from "../form.module.css";
import { DoorPage } from "../page.tsx";
import { ConfirmWords } from "./confirm-words.tsx";

/** The second step of joining: the recovery words, on paper before it goes on. */
export function WordsStep(): ReactNode {
  const { door } = useMessages();
  const { data } = useLive("door.phrase", [], []);
  const [written, setWritten] = useState(false);
  if (data === undefined) return <Splash />;
  const words = data.phrase.split(" ");
  if (written) return <ConfirmWords words={words} onAgain={() => setWritten(false)} />;
  return (
    <DoorPage step={2} title={door.phrase.title} text={door.phrase.text} wide focusTitle>
      <ol className={classes["words"]} aria-label={door.phrase.words}>
        {words.map((word, index) => (
          <li key={`${index} ${word}`}>
            <span className={classes["number"]}>{index + 1}</span>
            <span className={classes["word"]}>{word}</span>
          </li>
        ))}
      </ol>
      <Button kind="primary" wide onPress={() => setWritten(true)}>
        {door.phrase.written}
      </Button>
    </DoorPage>
  );
}
