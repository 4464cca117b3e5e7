import type { Folder } from "@smimp/client";
import { useState } from "react";
import { useLive } from "../../app/engine.tsx";
import { useMe } from "../../app/me.ts";
import { filingOf, isMixed, type Filing } from "./filing.ts";
import { keyOf, type Targets } from "./threads.ts";

/** Conversations that are looked at; of more it is taken that some lie in the inbox. */
const LOOKED_AT = 100;

/** Where what is selected can be moved with one touch; until that is known, where it could be moved before. */
export function useFiling({ list, threads, except, count }: Targets, role: Folder["role"]): Filing {
  const me = useMe();
  const isLooked = isMixed(list) && count + except.length <= LOOKED_AT;
  const { data } = useLive("inbox.messagesOf", isLooked ? [list, threads] : null, ["messages"]);
  const [before, setBefore] = useState<Filing>({ archive: false, toInbox: false });
  const kept = new Set(except.map(keyOf));
  const messages = isLooked ? data?.filter((each) => !kept.has(keyOf(each))) : [];
  if (isMixed(list) && !isLooked) return { archive: true, toInbox: false };
  if (messages === undefined) return before;
  const filing = filingOf({ list, role, messages }, me);
  if (filing.archive !== before.archive || filing.toInbox !== before.toInbox) setBefore(filing);
  return filing;
}
