import { expect, it } from "vitest";
import { createBodyBudget } from "./body-budget.ts";

const code = (expected: string) => expect.objectContaining({ code: expected }) as Error;

it("bounds one peer, whatever its addresses, and all together; what has ended no longer counts", () => {
  const budget = createBodyBudget({ peer: 100, total: 250 });
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
