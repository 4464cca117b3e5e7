import { useEffect, useRef, type ReactNode } from "react";
import { useMessages } from "../../messages/messages.tsx";
import { Mark } from "../../ui/mark.tsx";
import classes from "./page.module.css";

/** Which of the steps of joining this is, from 1 on. */
export type JoinStep = 1 | 2 | 3;

/** One page before the mailbox: what it is about, and what to do. */
export function DoorPage({
  title,
  text,
  step,
  wide = false,
  focusTitle = false,
  children,
}: {
  readonly title: string;
  readonly text?: ReactNode;
  readonly step?: JoinStep;
  readonly wide?: boolean;
  /** Where there is no field to go to first. */
  readonly focusTitle?: boolean;
  readonly children?: ReactNode;
}): ReactNode {
  const heading = useRef<HTMLHeadingElement>(null);
  useEffect(() => {
    if (focusTitle) heading.current?.focus();
  }, [focusTitle]);
  return (
    <main className={classes["page"]}>
      <div className={`${classes["card"]} ${wide ? classes["wide"] : ""}`}>
        <header className={classes["header"]}>
          <Mark size={44} />
          {step === undefined ? null : <Steps now={step} />}
          <h1 ref={heading} tabIndex={-1} className={classes["title"]}>
            {title}
          </h1>
          {text === undefined ? null : <p className={classes["text"]}>{text}</p>}
        </header>
        {children}
      </div>
    </main>
  );
}

function Steps({ now }: { readonly now: JoinStep }): ReactNode {
  const { door } = useMessages();
  const names = [door.steps.address, door.steps.words, door.steps.passphrase];
  return (
    <ol className={classes["steps"]}>
      {names.map((name, index) => (
        <li key={name} className={index < now ? classes["reached"] : ""} {...(index + 1 === now ? { "aria-current": "step" } : {})}>
          {name}
        </li>
      ))}
    </ol>
  );
}
