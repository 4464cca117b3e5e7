import type { ReactNode } from "react";
import classes from "./avatar.module.css";

/** Hues that go with the rest, in either theme. */
const TONES = 8;

/** A person's picture, or the first letter of their name on a colour of their own. For the eye only: the name stands beside it. */
export function Avatar({
  name,
  seed,
  src,
  size = 36,
}: {
  readonly name: string;
  readonly seed: string;
  readonly src?: string | null;
  readonly size?: number;
}): ReactNode {
  const tone = Array.from(seed).reduce((sum, letter) => (sum * 31 + (letter.codePointAt(0) ?? 0)) % 9973, 7) % TONES;
  return (
    <span
      className={`${classes["avatar"]} ${classes[`tone${tone}`]}`}
      style={{ width: size, height: size, fontSize: size * 0.42 }}
      aria-hidden="true"
    >
      {src === undefined || src === null ? (
        Array.from(name.trim()).at(0)?.toUpperCase()
      ) : (
        <img src={src} alt="" width={size} height={size} />
      )}
    </span>
  );
}
