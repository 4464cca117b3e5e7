import type { ReactNode } from "react";
import { TextLink } from "../message/text-link.tsx";

/** Characters of a text in which addresses of web sites are looked for. */
const LOOKED_AT = 20_000;
const ADDRESS = /(https?:\/\/[^\s<>"]*[^\s<>".,;:!?)\]}'])/g;

/** A plain text, with the addresses of web sites in it as links: each shows where it leads. */
export function Words({ text }: { readonly text: string }): ReactNode {
  const parts = text.slice(0, LOOKED_AT).split(ADDRESS);
  return (
    <>
      {parts.map((part, index) =>
        index % 2 === 1 ? (
          // oxlint-disable-next-line react/no-array-index-key -- parts of one text don't change places
          <TextLink key={index} address={part} text={part}>
            {part}
          </TextLink>
        ) : (
          part
        ),
      )}
      {text.slice(LOOKED_AT)}
    </>
  );
}
