import { useState, type ReactNode } from "react";
import { localeOf } from "../../../app/dates.ts";
import { useLanguage, useMessages } from "../../../messages/messages.tsx";
import { Banner } from "../../../ui/banner.tsx";
import { Button } from "../../../ui/button.tsx";
import { toast } from "../../../ui/toasts.tsx";
import classes from "../form.module.css";
import { RecoverySheet, sheetText } from "./recovery-sheet.tsx";
import { saveText } from "./save-text.ts";
import { WordList } from "./word-list.tsx";

/** Recovery words to be written down, printed or saved, wherever there are new ones. */
export function WordsToKeep({
  address,
  words,
  server,
}: {
  readonly address: string;
  readonly words: readonly string[];
  /** The base URL of the account's server. */
  readonly server: string;
}): ReactNode {
  const { door } = useMessages();
  const { phrase, sheet } = door;
  const language = useLanguage();
  const [today] = useState(() => new Date());
  const date = new Intl.DateTimeFormat(localeOf(language), { dateStyle: "long" }).format(today);
  const sheetOf = { address, words, date, server };

  async function copy(): Promise<void> {
    try {
      await navigator.clipboard.writeText(words.join(" "));
      toast({ text: phrase.copied });
    } catch {
      toast({ text: phrase.notCopied, tone: "error" });
    }
  }

  return (
    <>
      <WordList words={words} label={phrase.words} />
      <div className={classes["row"]}>
        <Button icon="print" onPress={() => print()}>
          {phrase.print}
        </Button>
        <Button icon="download" onPress={() => saveText(`${sheet.file}-${address.replace("#", "-")}.txt`, sheetText(sheet, sheetOf))}>
          {phrase.save}
        </Button>
        <Button icon="copy" onPress={() => void copy()}>
          {phrase.copy}
        </Button>
      </div>
      <Banner tone="warning" icon="lock" title={phrase.secret} />
      <RecoverySheet {...sheetOf} />
    </>
  );
}
