import { use } from "react";
import type { Language } from "../app/preferences.ts";
import { comingPart, loadPart, partsAskedFor, type Messages, type Part } from "./parts.ts";

type Room = keyof Messages;

/** Which rooms find their texts in which part. */
const PARTS: Readonly<Record<Room, Part>> = {
  common: "first",
  mailbox: "first",
  shell: "first",
  door: "door",
  chat: "later",
  compose: "later",
  contacts: "later",
  data: "later",
  notices: "later",
  outbox: "later",
  reading: "later",
  search: "later",
  settings: "later",
  trust: "later",
};

const spoken = new Map<Language, Messages>();

/** The texts of a language: the first part of them, and those that the page has shown in another one. */
export async function loadMessages(language: Language): Promise<Messages> {
  const parts = new Set<Part>(["first", ...partsAskedFor()]);
  await Promise.all([...parts].map(async (part) => await loadPart(language, part)));
  const known = spoken.get(language) ?? messagesOf(language);
  spoken.set(language, known);
  return known;
}

/** All rooms. A view that asks for one whose texts aren't here waits for them, as for a view that isn't here itself. */
function messagesOf(language: Language): Messages {
  const rooms = Object.entries(PARTS).map(([room, part]) => {
    const useRoom = (): unknown => {
      const { texts, promise } = comingPart(language, part);
      return (texts ?? use(promise))[room as Room];
    };
    return [room, { enumerable: true, get: useRoom }];
  });
  return Object.create(null, Object.fromEntries(rooms) as PropertyDescriptorMap) as Messages;
}
