import type { ReactNode } from "react";
import { useMessages } from "../../../messages/messages.tsx";
import { Button } from "../../../ui/button.tsx";
import { DoorPage } from "../page.tsx";
import { WordsToKeep } from "./words-to-keep.tsx";

/** Shows the recovery words, to be written down, printed or saved. */
export function WordsPage({
  address,
  words,
  server,
  onWritten,
}: {
  readonly address: string;
  readonly words: readonly string[];
  readonly server: string;
  readonly onWritten: () => void;
}): ReactNode {
  const { phrase } = useMessages().door;
  return (
    <DoorPage step={2} title={phrase.title} text={phrase.text} wide focusTitle>
      <WordsToKeep address={address} words={words} server={server} />
      <Button kind="primary" wide onPress={onWritten}>
        {phrase.written}
      </Button>
    </DoorPage>
  );
}
