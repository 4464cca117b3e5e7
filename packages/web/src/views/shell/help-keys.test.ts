import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { de } from "../../messages/de/all.ts";
import { en } from "../../messages/en/all.ts";
import { isOnMac, KEYS, keysOf } from "./help-keys.ts";

const source = (path: string): string => readFileSync(new URL(path, import.meta.url), "utf8");
const shown: ReadonlySet<string> = new Set(Object.values(KEYS).flatMap((group) => group.flatMap(([, ...ways]) => ways)));

test("every shortcut of the shell and of lists stands in the help", () => {
  const shell = [...source("shell-keys.tsx").matchAll(/^ {4}"?([^":\s][^":\n]*)"?: /gm)].map(([, key]) => key);
  const list = [...source("../mailbox/list-keys.ts").matchAll(/^ {4}"?(#|Delete|[a-z])"?: (?:onTargets|onRow|answer)\(/gm)].map(
    ([, key]) => key,
  );
  expect([shell.length, list.length]).toEqual([12, 12]);
  expect([...shell, ...list].filter((key) => !shown.has(key ?? ""))).toEqual([]);
});

test("every key of the editor that lays text out stands in the help", () => {
  const keys = [...source("../compose/editor/editing.ts").matchAll(/"Mod-([^"]+)"/g)].map(([, key = ""]) => {
    const parts = key.split("-").map((part) => (part.length === 1 ? part.toUpperCase() : part));
    return ["Ctrl", ...parts].join(" ");
  });
  expect(keys.length).toBeGreaterThan(9);
  expect(keys.filter((key) => !shown.has(key))).toEqual([]);
});

test("keys are called as on the keyboard at hand", () => {
  expect(keysOf("Ctrl Shift 7", en.shell.help.names, false)).toEqual(["Ctrl", "Shift", "7"]);
  expect(keysOf("Ctrl Shift 7", de.shell.help.names, false)).toEqual(["Strg", "Umschalt", "7"]);
  expect(keysOf("Ctrl Enter", de.shell.help.names, true)).toEqual(["⌘", "↩"]);
  expect(isOnMac("Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7)")).toBe(true);
  expect(isOnMac("Mozilla/5.0 (X11; Linux x86_64)")).toBe(false);
});
