import type { ReactNode } from "react";
import { createPortal } from "react-dom";
import { useMessages, type Messages } from "../../../messages/messages.tsx";
import { Mark } from "../../../ui/mark.tsx";
import classes from "./recovery-sheet.module.css";

/** What stands on a recovery sheet. */
export interface Sheet {
  readonly address: string;
  readonly words: readonly string[];
  readonly date: string;
  readonly server: string;
}

/** The sheet of paper, seen only when it is printed: then nothing else is. */
export function RecoverySheet({ address, words, date, server }: Sheet): ReactNode {
  const { common, door } = useMessages();
  const { sheet } = door;
  return createPortal(
    <section className={classes["sheet"]} aria-hidden="true">
      <header className={classes["header"]}>
        <Mark size={40} />
        <div>
          <p className={classes["product"]}>{common.product}</p>
          <p className={classes["title"]}>{sheet.title}</p>
        </div>
      </header>
      <dl className={classes["facts"]}>
        <div>
          <dt>{sheet.address}</dt>
          <dd className={classes["address"]}>{address}</dd>
        </div>
        <div>
          <dt>{sheet.server}</dt>
          <dd>{server}</dd>
        </div>
        <div>
          <dt>{sheet.date}</dt>
          <dd>{date}</dd>
        </div>
      </dl>
      <ol className={classes["words"]}>
        {words.map((word, index) => (
          <li key={`${index} ${word}`}>
            <span className={classes["number"]}>{index + 1}</span>
            {word}
          </li>
        ))}
      </ol>
      <p className={classes["what"]}>{sheet.what}</p>
      <p>{sheet.text}</p>
      <p>{sheet.keep}</p>
    </section>,
    document.body,
  );
}

/** The same as a file of plain text. */
export function sheetText(texts: Messages["door"]["sheet"], { address, words, date, server }: Sheet): string {
  return [
    texts.title.toUpperCase(),
    "",
    `${texts.address}: ${address}`,
    `${texts.server}: ${server}`,
    `${texts.date}: ${date}`,
    "",
    `${texts.words}:`,
    "",
    ...words.map((word, index) => `${String(index + 1).padStart(4)}. ${word}`),
    "",
    texts.what,
    "",
    texts.text,
    texts.keep,
    "",
  ].join("\r\n");
}
