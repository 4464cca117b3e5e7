import type { Address } from "@smimp/protocol";
import { expect, test } from "vitest";
import { filingOf, shownOf } from "./filing.ts";

const ME = "alice#alpha.example" as Address;
const received = { folder: null, own: false, recipients: [ME] };
const sent = { folder: null, own: true, recipients: ["bob#beta.example" as Address] };
const archived = { ...received, folder: "archive" };

test("what lies in the inbox can be archived, what was filed can be brought back, wherever one looks", () => {
  const inAll = (...messages: (typeof received | typeof archived)[]) => filingOf({ list: { view: "all" }, role: null, messages }, ME);
  expect(inAll(received, sent)).toEqual({ archive: true, toInbox: false });
  expect(inAll(archived, received)).toEqual({ archive: true, toInbox: false });
  expect(inAll(archived, sent)).toEqual({ archive: false, toInbox: true });
  expect(inAll(sent)).toEqual({ archive: false, toInbox: false });
  expect(filingOf({ list: { folder: "archive" }, role: "archive", messages: [archived] }, ME)).toEqual({ archive: false, toInbox: true });
  expect(filingOf({ list: { folder: "x" }, role: null, messages: [archived] }, ME)).toEqual({ archive: true, toInbox: true });
  expect(filingOf({ list: { view: "inbox" }, role: null, messages: [received] }, ME)).toEqual({ archive: true, toInbox: false });
  expect(filingOf({ list: { view: "sent" }, role: null, messages: [sent] }, ME)).toEqual({ archive: false, toInbox: false });
});

test("what a list shows of a conversation is the newest message that stands in it", () => {
  const more = { labels: ["home"], starred: true };
  const messages = [
    { ...sent, ...more },
    { ...archived, ...more },
    { ...received, labels: [], starred: false },
  ];
  const at = (list: Parameters<typeof shownOf>[0]) => messages.findIndex((each) => each === shownOf(list, messages, ME));
  expect(at({ view: "sent" })).toBe(0);
  expect(at({ folder: "archive" })).toBe(1);
  expect(at({ label: "home" })).toBe(1);
  expect(at({ view: "starred" })).toBe(1);
  expect(at({ view: "inbox" })).toBe(2);
  expect(at({ view: "all" })).toBe(2);
  expect(at({ folder: "elsewhere" })).toBe(-1);
});
