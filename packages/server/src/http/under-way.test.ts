import { expect, it } from "vitest";
import { countUnderWay } from "./under-way.ts";

it("counts requests by whom they come from, and forgets those that end", () => {
  const underWay = countUnderWay(2);
  const end = underWay.begin("192.0.2.1");
  underWay.begin("192.0.2.1");
  expect(() => underWay.begin("::ffff:192.0.2.1")).toThrowError(expect.objectContaining({ code: "rate_limited" }));
  underWay.begin("192.0.2.2");
  end();
  // Ended is ended.
  end();
  underWay.begin("192.0.2.1");
  expect(() => underWay.begin("192.0.2.1")).toThrowError(expect.objectContaining({ code: "rate_limited" }));
});
