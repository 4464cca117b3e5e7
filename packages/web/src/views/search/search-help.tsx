import type { ReactNode } from "react";
import { useMessages } from "../../messages/messages.tsx";
import { Empty } from "../../ui/empty.tsx";
import classes from "./search-help.module.css";

/** What stands there before anything is searched for: that it stays here, and what can be typed. */
export function SearchHelp(): ReactNode {
  const { search } = useMessages();
  const names = Object.keys(search.examples) as (keyof typeof search.examples)[];
  return (
    <div className={classes["help"]}>
      <Empty icon="search" title={search.start.title} text={search.start.text} />
      <section className={classes["hints"]} aria-label={search.hints}>
        <h2 className={classes["title"]}>{search.hints}</h2>
        <dl className={classes["list"]}>
          {names.map((name) => (
            <div key={name}>
              <dt>
                <code>{search.examples[name]}</code>
              </dt>
              <dd>{search.exampleTexts[name]}</dd>
            </div>
          ))}
        </dl>
      </section>
    </div>
  );
}
