import { expect, test } from "vitest";
import { de } from "../../messages/de/all.ts";
import { en } from "../../messages/en/all.ts";
import { folderName } from "./folders.ts";

test("what everybody has is called as the language calls it, whatever device made it", () => {
  const trash = { name: "Trash", role: "trash" } as const;
  expect([en, de].map(({ mailbox }) => folderName(mailbox, trash))).toEqual(["Trash", "Papierkorb"]);
  expect(folderName(de.mailbox, { name: "Archive", role: "archive" })).toBe("Archiv");
  expect(folderName(de.mailbox, { name: "Trash", role: null })).toBe("Trash");
});
