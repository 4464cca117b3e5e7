import { expect, test } from "vitest";
import { isAbout, parsePlace, pathOf } from "./places.ts";

test("addresses of the page that nobody made are places, too", () => {
  expect(parsePlace("/label/%")).toEqual({ room: "label", id: "%" });
  expect(parsePlace("/nowhere/%E0%A4%A")).toEqual({ room: "inbox" });
  expect(parsePlace("")).toEqual({ room: "inbox" });
});

test("whom a place is about, and nobody else", () => {
  const bob = "bob#beta.example";
  expect(isAbout(parsePlace(pathOf({ room: "chat", with: `alice#a.example,${bob}` })), bob)).toBe(true);
  expect(isAbout(parsePlace(pathOf({ room: "contacts", path: [bob, "verify"] })), bob)).toBe(true);
  expect(isAbout({ room: "contacts", path: ["bob#beta.example.evil"] }, bob)).toBe(false);
  expect(isAbout(parsePlace("/label/%"), bob)).toBe(false);
});
