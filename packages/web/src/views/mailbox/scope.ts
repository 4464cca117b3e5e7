import type { InboxListOptions } from "@smimp/client";
import type { ListPlace } from "../../app/places.ts";

/** What the engine is asked for, to fill a list. */
export function optionsOf(list: ListPlace): Pick<InboxListOptions, "folder" | "label" | "view"> {
  if (list.room === "folder") return { folder: list.id };
  if (list.room === "label") return { label: list.label };
  return { view: list.room };
}
