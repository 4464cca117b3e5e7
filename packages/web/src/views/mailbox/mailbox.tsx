import type { ReactNode } from "react";
import { useLive } from "../../app/engine.tsx";
import { hrefOf, type ListPlace } from "../../app/places.ts";
import { optionsOf } from "./scope.ts";

/** A list of messages. */
export function Mailbox({ list }: { readonly list: ListPlace }): ReactNode {
  const { data } = useLive("inbox.list", [{ ...optionsOf(list), limit: 50 }], ["messages"]);
  return (
    <ul>
      {data?.map((line) => (
        <li key={line.messageId}>
          <a href={hrefOf({ ...list, message: line.messageId })}>{line.subject}</a>
        </li>
      ))}
    </ul>
  );
}
