import type { ReactNode } from "react";
import classes from "./broken.module.css";
import { Button } from "./button.tsx";
import { Empty } from "./empty.tsx";

/** What stands where something can't be shown: why, and a way to load the page again. */
export function Broken({
  texts: { title, text, reload },
  whole = false,
  className,
}: {
  readonly texts: { readonly title: string; readonly text: string; readonly reload: string };
  /** It stands for all of the page. */
  readonly whole?: boolean;
  readonly className?: string | undefined;
}): ReactNode {
  const Place = whole ? "main" : "div";
  return (
    <Place className={whole ? classes["whole"] : (className ?? classes["place"])}>
      <h1 className="visually-hidden">{title}</h1>
      <div role="alert">
        <Empty icon="error" title={title} text={text}>
          <Button kind="primary" onPress={() => location.reload()}>
            {reload}
          </Button>
        </Empty>
      </div>
    </Place>
  );
}
