import { useEffect, useRef, type ReactNode } from "react";
import { Icon } from "../../ui/icon.tsx";
import classes from "./page.module.css";

/** A page about somebody: a way back, its heading, which has the focus once it is there, and what it says. */
export function PersonPage({
  title,
  back,
  children,
}: {
  readonly title: ReactNode;
  readonly back: { readonly href: string; readonly label: string; readonly narrowOnly?: boolean };
  readonly children: ReactNode;
}): ReactNode {
  const heading = useRef<HTMLHeadingElement>(null);
  useEffect(() => heading.current?.focus({ preventScroll: true }), []);
  return (
    <div className={classes["page"]}>
      <a className={`${classes["back"]} ${back.narrowOnly === true ? classes["narrowOnly"] : ""}`} href={back.href}>
        <Icon name="back" size={18} />
        <span>{back.label}</span>
      </a>
      <h1 ref={heading} tabIndex={-1} className={classes["title"]}>
        {title}
      </h1>
      {children}
    </div>
  );
}

/** A part of such a page, with a heading of its own. */
export function PageSection({ title, children }: { readonly title: string; readonly children: ReactNode }): ReactNode {
  return (
    <section className={classes["section"]}>
      <h2 className={classes["heading"]}>{title}</h2>
      {children}
    </section>
  );
}
