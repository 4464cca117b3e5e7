import type { ReactNode } from "react";
import { Icon, type IconName } from "../../ui/icon.tsx";
import { Pressable } from "../../ui/press.tsx";
import classes from "./choices.module.css";

/** One of the ways to go on. */
export interface Choice {
  readonly icon: IconName;
  readonly title: string;
  readonly text: string;
  readonly choose: () => void;
}

/** Ways to go on, each with a word on what it means. */
export function Choices({ choices }: { readonly choices: readonly Choice[] }): ReactNode {
  return (
    <ul className={classes["choices"]}>
      {choices.map(({ icon, title, text, choose }) => (
        <li key={title}>
          <Pressable className={classes["choice"] ?? ""} onPress={choose}>
            <span className={classes["icon"]}>
              <Icon name={icon} size={22} />
            </span>
            <span className={classes["words"]}>
              <span className={classes["title"]}>{title}</span>
              <span className={classes["text"]}>{text}</span>
            </span>
            <Icon name="chevron" size={18} />
          </Pressable>
        </li>
      ))}
    </ul>
  );
}
