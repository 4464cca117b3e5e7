import type { ReactNode } from "react";
import classes from "./word-list.module.css";

/** Recovery words with their numbers, in columns that are read downwards. */
export function WordList({ words, label }: { readonly words: readonly string[]; readonly label: string }): ReactNode {
  return (
    <ol className={classes["words"]} aria-label={label}>
      {words.map((word, index) => (
        <li key={`${index} ${word}`} className={classes["line"]}>
          <span className={classes["number"]}>{index + 1}</span>
          <span className={classes["word"]} lang="en" translate="no">
            {word}
          </span>
        </li>
      ))}
    </ol>
  );
}
