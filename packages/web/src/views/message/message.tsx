import type { Hex32 } from "@smimp/protocol";
import type { ReactNode } from "react";
import { useLive } from "../../app/engine.tsx";
import { MessageMarks } from "../trust/marks.tsx";

/** A message as it is read, with the rest of its thread. */
export function Reading({ message: messageId }: { readonly message: Hex32 }): ReactNode {
  const { data } = useLive("inbox.read", [messageId], ["messages"]);
  if (data === undefined) return null;
  return (
    <article>
      <h1>{data.subject}</h1>
      <MessageMarks message={data} where="header" />
      <pre>{data.body}</pre>
    </article>
  );
}
