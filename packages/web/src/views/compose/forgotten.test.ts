import { expect, it } from "vitest";
import { speaksOfAttachment } from "./forgotten.ts";

it.each([
  ["Please see the attachment.", "", true],
  ["I have attached the plan", "", true],
  ["Enclosed you find it", "", true],
  ["Im Anhang finden Sie den Plan.", "", true],
  ["Die angehängten Dateien", "", true],
  ["anbei", "", true],
  ["Nothing here", "Plan attached", true],
  ["I am attached to you", "", true],
  ["Hello\n\n> see the attachment", "", false],
  ["We attacked the problem", "", false],
  ["Anhanger", "", false],
  ["Nothing here", "Re: AW: Plan", false],
])("%j with the subject %j: %s", (body, subject, spoken) => {
  expect(speaksOfAttachment(body, subject)).toBe(spoken);
});
