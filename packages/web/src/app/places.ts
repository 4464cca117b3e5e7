import type { Hex32 } from "@smimp/protocol";
import { useMemo } from "react";
import { navigate, useHashLocation } from "wouter/use-hash-location";
import { searchFor } from "./searching.ts";

// Where somebody is in the mailbox, as it stands behind the `#` of the page's address: `#/folder/ID/m/MESSAGEID`. Parts are encoded one
// by one, since addresses hold a `#`.

/** A list of messages. */
export type ListPlace =
  | { readonly room: "inbox" | "starred" | "sent" | "all" }
  | { readonly room: "folder"; readonly id: string }
  | { readonly room: "label"; readonly id: string; readonly label: string };

/** A place in the mailbox. `message` is the message that is open beside the list. */
export type Place = (
  | Exclude<ListPlace, { readonly room: "label" }>
  /** `id` says nothing outside this mailbox: addresses of pages stay in the browser's history. */
  | { readonly room: "label"; readonly id: string }
  | { readonly room: "drafts" | "outbox" }
  /** `query` begins a search where it isn't empty; what is searched for stands in no address. */
  | { readonly room: "search"; readonly query: string }
  /** With one person, or with several, separated by commas; null: none is chosen. */
  | { readonly room: "chat"; readonly with: string | null }
  | { readonly room: "contacts" | "settings"; readonly path: readonly string[] }
) & { readonly message?: Hex32 | null };

/** Where everything begins. */
const START: Place = { room: "inbox" };

/** The place that an address names; the inbox where it names none. */
export function parsePlace(path: string): Place {
  const parts = path.split("/").filter(Boolean).map(decoded);
  const at = parts.lastIndexOf("m");
  const message = at > 0 && at === parts.length - 2 ? messageIn(parts[at + 1]) : null;
  const [room, ...rest] = message === null ? parts : parts.slice(0, at);
  const place = roomOf(room, rest);
  return message === null ? place : { ...place, message };
}

function roomOf(room: string | undefined, rest: readonly string[]): Place {
  const [first = null] = rest;
  switch (room) {
    case "inbox":
    case "starred":
    case "sent":
    case "all":
    case "drafts":
    case "outbox":
      return { room };
    case "folder":
      return first === null ? START : { room, id: first };
    case "label":
      return first === null ? START : { room, id: first };
    case "search":
      return { room, query: first ?? "" };
    case "chat":
      return { room, with: first };
    case "contacts":
    case "settings":
      return { room, path: rest };
    default:
      return START;
  }
}

/** The address of a place, from its `/` on. */
export function pathOf(place: Place): string {
  const { message = null } = place;
  const parts = [...partsOf(place), ...(message === null ? [] : ["m", message])];
  return `/${parts.map(encodeURIComponent).join("/")}`;
}

function partsOf(place: Place): readonly string[] {
  switch (place.room) {
    case "folder":
    case "label":
      return [place.room, place.id];
    case "chat":
      return place.with === null ? [place.room] : [place.room, place.with];
    case "contacts":
    case "settings":
      return [place.room, ...place.path];
    default:
      return [place.room];
  }
}

/** For links. */
export function hrefOf(place: Place): string {
  return `#${pathOf(place)}`;
}

/** Goes to a place; `replace` leaves no way back to the one before. */
export function goTo(place: Place, options: { readonly replace?: boolean } = {}): void {
  if (place.room === "search" && place.query !== "") searchFor(place.query);
  navigate(pathOf(place), { replace: options.replace === true });
}

/** Whether somebody is what a place is about. */
export function isAbout(place: Place, address: string): boolean {
  if (place.room === "chat") return place.with?.split(",").includes(address) === true;
  return place.room === "contacts" && place.path.includes(address);
}

/** The place where somebody is. */
export function usePlace(): Place {
  const [path] = useHashLocation();
  return useMemo(() => parsePlace(path), [path]);
}

/** The place without the message that is open in it. */
export function withoutMessage(place: Place): Place {
  return { ...place, message: null };
}

/** The place with a message open in it. */
export function withMessage(place: Place, message: Hex32): Place {
  return { ...place, message };
}

/** The list of messages that a place shows; null where it shows something else, or a label whose text isn't known. */
export function listOf(place: Place, label: string | null): ListPlace | null {
  const { room } = place;
  if (room === "folder") return { room, id: place.id };
  if (room === "label") return label === null ? null : { room, id: place.id, label };
  return room === "inbox" || room === "starred" || room === "sent" || room === "all" ? { room } : null;
}

function decoded(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}

function messageIn(text: string | undefined): Hex32 | null {
  return text !== undefined && /^[0-9a-f]{64}$/.test(text) ? (text as Hex32) : null;
}
