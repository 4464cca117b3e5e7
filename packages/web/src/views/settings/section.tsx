import { useEffect, useId, useRef, type ReactNode } from "react";
import { hrefOf } from "../../app/places.ts";
import { Icon } from "../../ui/icon.tsx";
import classes from "./section.module.css";

/** One page of settings: what it is about, and what can be set. */
export function Section({
  title,
  intro,
  backTo,
  children,
}: {
  readonly title: string;
  readonly intro?: string;
  /** The page that this one belongs to, where it isn’t the list of all. */
  readonly backTo?: { readonly label: string; readonly path: readonly string[] };
  readonly children: ReactNode;
}): ReactNode {
  const heading = useRef<HTMLHeadingElement>(null);
  useEffect(() => {
    // Whoever came through a link that is in sight no more goes on from here.
    const from = document.activeElement;
    if (!(from instanceof HTMLElement) || from === document.body || from.offsetParent === null) heading.current?.focus();
  }, [title]);
  return (
    <div className={classes["section"]}>
      {backTo === undefined ? null : (
        <a href={hrefOf({ room: "settings", path: backTo.path })} className={classes["back"]}>
          <Icon name="back" size={18} />
          {backTo.label}
        </a>
      )}
      <header className={classes["header"]}>
        <h1 ref={heading} tabIndex={-1} className={classes["title"]}>
          {title}
        </h1>
        {intro === undefined ? null : <p className={classes["intro"]}>{intro}</p>}
      </header>
      {children}
    </div>
  );
}

/** Settings of one kind. */
export function Group({
  title,
  text,
  danger = false,
  children,
}: {
  readonly title: string;
  readonly text?: ReactNode;
  /** What is done here can't be undone. */
  readonly danger?: boolean;
  readonly children?: ReactNode;
}): ReactNode {
  const id = useId();
  return (
    <section className={`${classes["group"]} ${danger ? classes["danger"] : ""}`} aria-labelledby={id}>
      <div className={classes["words"]}>
        <h2 id={id} className={classes["name"]}>
          {title}
        </h2>
        {text === undefined ? null : <p className={classes["text"]}>{text}</p>}
      </div>
      {children}
    </section>
  );
}

/** Fields that are sent together. What is wrong with them is said by the fields. */
export function Form({ onSubmit, children }: { readonly onSubmit: () => void; readonly children: ReactNode }): ReactNode {
  return (
    <form
      className={classes["form"]}
      noValidate
      onSubmit={(event) => {
        event.preventDefault();
        onSubmit();
      }}
    >
      {children}
    </form>
  );
}

/** Buttons beside each other. */
export function Row({ children }: { readonly children: ReactNode }): ReactNode {
  return <div className={classes["row"]}>{children}</div>;
}

/** A word that is read with less weight. */
export function Note({ children }: { readonly children: ReactNode }): ReactNode {
  return <p className={classes["text"]}>{children}</p>;
}

/** Facts, one a line. */
export function Points({ points }: { readonly points: readonly string[] }): ReactNode {
  return (
    <ul className={classes["points"]}>
      {points.map((each) => (
        <li key={each}>{each}</li>
      ))}
    </ul>
  );
}
