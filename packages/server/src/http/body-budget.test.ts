import { expect, it } from "vitest";
import { createBodyBudget } from "./body-budget.ts";

const code = (expected: string) => expect.objectContaining({ code: expected }) as Error;

it("bounds one peer, whatever its addresses, and all together; what has ended no longer counts", () => {
  const budget = createBodyBudget({ peer: 100, total: 250, least: 10 });
  const first = budget.begin("2001:db8::1");
  first.add(60);
  const second = budget.begin("2001:db8::2");
  expect(() => second.add(60)).toThrow(code("rate_limited"));
  second.end();
  budget.begin("192.0.2.1").add(100);
  const third = budget.begin("192.0.2.2");
  third.add(90);
  expect(() => third.add(1)).toThrow(code("temporarily_unavailable"));
  third.end();
  first.end();
  const again = budget.begin("2001:db8::2");
  again.add(100);
  again.end();
});

it("where a few peers hold all of it, refuses them and nobody else", () => {
  const budget = createBodyBudget({ peer: 100, total: 400, least: 10 });
  const hogs = ["192.0.2.1", "192.0.2.2", "192.0.2.3", "192.0.2.4"].map((address) => budget.begin(address));
  for (const hog of hogs) hog.add(100);
  const newcomer = budget.begin("192.0.2.5");
  newcomer.add(70);
  const [hog] = hogs;
  expect(() => hog?.add(0.5)).toThrow();
  expect(() => newcomer.add(20)).toThrow(code("temporarily_unavailable"));
  // Somebody who wants little is never refused for what others hold.
  const small = Array.from({ length: 50 }, (_, index) => budget.begin(`198.51.100.${index}`));
  for (const each of small) each.add(10);
});

it("gives back what a part of a request took, once", () => {
  const budget = createBodyBudget({ peer: 100, total: 100, least: 10 });
  const share = budget.begin("192.0.2.1");
  share.add(100);
  share.add(-100);
  share.add(100);
  share.end();
  share.end();
  share.add(-100);
  budget.begin("192.0.2.1").add(100);
  expect(() => budget.begin("192.0.2.1").add(1)).toThrow(code("rate_limited"));
});
