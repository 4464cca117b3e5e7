import { expect, it } from "vitest";
import { ipPrefix } from "./ip-prefix.ts";

it("counts IPv4 by /24 and IPv6 by /48, however the address is written", () => {
  expect(ipPrefix("192.0.2.77")).toBe("192.0.2.0/24");
  expect(ipPrefix("::ffff:192.0.2.1")).toBe("192.0.2.0/24");
  expect(ipPrefix("2001:db8:1:2:3:4:5:6")).toBe("2001:db8:1::/48");
  expect(ipPrefix("2001:0db8:0001::9")).toBe("2001:db8:1::/48");
  expect(ipPrefix("2001:db8::1")).toBe("2001:db8:0::/48");
  expect(ipPrefix("::1")).toBe("0:0:0::/48");
  expect(ipPrefix("fe80::1%eth0")).toBe("fe80:0:0::/48");
  expect(ipPrefix("")).toBe("unknown");
});
