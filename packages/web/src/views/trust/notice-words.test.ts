import type { Notice, NoticeCode } from "@smimp/client";
import { parseAddress, parseTimestamp, PROBLEM_CODES, type ProblemCode } from "@smimp/protocol";
import { expect, test } from "vitest";
import { de } from "../../messages/de/all.ts";
import { en } from "../../messages/en/all.ts";
import { groupNotices, severityOf, wordsOf } from "./notice-words.ts";

/** Codes of notices beside those of the protocol; one that is missing here does not pass the type check. */
const OWN_CODES = {
  contact_key_changed: true,
  history_withheld: true,
  delivery_given_up: true,
  device_removed: true,
  account_deleted: true,
  keystore_rolled_back: true,
  keystore_replaced: true,
  phrase_unchanged: true,
  moved: true,
} satisfies Record<Exclude<NoticeCode, ProblemCode>, true>;
const CODES = [...PROBLEM_CODES, ...(Object.keys(OWN_CODES) as (keyof typeof OWN_CODES)[])];
const ME = parseAddress("me#alpha.example");
const BOB = parseAddress("bob#beta.example");
let last = 0;

function notice(code: NoticeCode, more: Partial<Notice> = {}): Notice {
  const at = parseTimestamp(`2026-03-04T10:00:${String(++last % 60).padStart(2, "0")}Z`);
  return { id: String(last), at, code, address: BOB, messageId: null, detail: "", ...more };
}

test.each(CODES)("%s has words in both languages: what happened, what it means, what to do", (code) => {
  for (const about of [BOB, ME, null]) {
    const both = [en, de].map((messages) => wordsOf(messages, notice(code, { address: about }), ME));
    for (const words of both) {
      for (const text of Object.values(words)) {
        expect(text.length).toBeGreaterThan(8);
        expect(text).not.toMatch(/undefined|null|\[object|[a-z]+_[a-z]+/);
      }
    }
    expect(both[0]?.text).not.toBe(both[1]?.text);
  }
});

test("the same of the same is one, what matters most comes first", () => {
  const first = notice("history_rewritten");
  const groups = groupNotices([first, notice("moved", { address: ME }), notice("not_accepted"), notice("history_rewritten")]);
  expect(groups.map(({ latest, ids }) => [latest.code, ids.length])).toEqual([
    ["history_rewritten", 2],
    ["not_accepted", 1],
    ["moved", 1],
  ]);
  expect(groups[0]?.latest.at).not.toBe(first.at);
  expect(groups.map(({ latest }) => severityOf(latest))).toEqual(["danger", "warning", "info"]);
});

test("what is about nobody, or about oneself, says so", () => {
  const titles = [
    notice("bad_request", { address: null }),
    notice("not_found", { address: null }),
    notice("history_rewritten", { address: ME }),
  ].map((each) => wordsOf(en, each, ME).title);
  expect(titles).toEqual([
    "A message could not be read",
    "Attachments of a draft are gone",
    "Your devices are shown different pasts of the same person",
  ]);
});
