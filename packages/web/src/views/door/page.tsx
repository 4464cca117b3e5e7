import { useEffect, useRef, type ReactNode } from "react";
import { prefer, type Language } from "../../app/preferences.ts";
import { useTitle } from "../../app/title.ts";
import { useLanguage, useMessages } from "../../messages/messages.tsx";
import { Button } from "../../ui/button.tsx";
import { Icon } from "../../ui/icon.tsx";
import { Mark } from "../../ui/mark.tsx";
import { Select } from "../../ui/select.tsx";
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
  onBack,
  children,
}: {
  readonly title: string;
  readonly text?: ReactNode;
  readonly step?: JoinStep;
  readonly wide?: boolean;
  /** Where there is no field to go to first. */
  readonly focusTitle?: boolean;
  readonly onBack?: () => void;
  readonly children?: ReactNode;
}): ReactNode {
  const { common } = useMessages();
  const heading = useRef<HTMLHeadingElement>(null);
  useTitle(title);
  useEffect(() => {
    if (focusTitle) heading.current?.focus();
  }, [focusTitle, title]);
  return (
    <div className={classes["door"]}>
      <Claim />
      <div className={classes["side"]}>
        <main className={`${classes["page"]} ${wide ? classes["wide"] : ""}`}>
          {onBack === undefined ? null : (
            <div className={classes["back"]}>
              <Button kind="quiet" icon="back" onPress={onBack}>
                {common.back}
              </Button>
            </div>
          )}
          {step === undefined ? null : <Steps now={step} />}
          <header className={classes["header"]}>
            <h1 ref={heading} tabIndex={-1} className={classes["title"]}>
              {title}
            </h1>
            {text === undefined || text === null ? null : <p className={classes["text"]}>{text}</p>}
          </header>
          {children}
        </main>
        <Foot />
      </div>
    </div>
  );
}

/** What this is, for who sees it for the first time. */
function Claim(): ReactNode {
  const { common, door } = useMessages();
  return (
    <header className={classes["promise"]}>
      <p className={classes["brand"]}>
        <Mark size={36} />
        {common.product}
      </p>
      <div className={classes["about"]}>
        <p className={classes["claim"]}>{door.promise}</p>
        <ul className={classes["points"]}>
          {door.promises.map((each) => (
            <li key={each}>
              <Icon name="check" />
              {each}
            </li>
          ))}
        </ul>
      </div>
    </header>
  );
}

function Steps({ now }: { readonly now: JoinStep }): ReactNode {
  const { door } = useMessages();
  const names = [door.steps.address, door.steps.words, door.steps.passphrase];
  return (
    <ol className={classes["steps"]} aria-label={door.steps.label}>
      {names.map((name, index) => (
        <li key={name} className={index < now ? classes["reached"] : ""} {...(index + 1 === now ? { "aria-current": "step" } : {})}>
          {name}
        </li>
      ))}
    </ol>
  );
}

const NAMES: readonly { readonly value: Language; readonly label: string; readonly lang: string }[] = [
  { value: "en", label: "English", lang: "en" },
  { value: "de", label: "Deutsch", lang: "de" },
];

function Foot(): ReactNode {
  const { door } = useMessages();
  return (
    <footer className={classes["foot"]}>
      <Select label={door.language} hideLabel quiet value={useLanguage()} options={NAMES} onChange={(language) => prefer({ language })} />
    </footer>
  );
}
