import { describe, expect, it } from "vitest";
import { isAddressOrNetwork, trustedProxies } from "./trusted-proxies.ts";

describe("trusted proxies", () => {
  it("are named by address or network", () => {
    for (const good of ["127.0.0.1", "::1", "10.0.0.0/8", "fd00::/8", "0.0.0.0/0"]) expect(isAddressOrNetwork(good)).toBe(true);
    for (const bad of ["", "localhost", "10.0.0.0/33", "10.0.0/8", "::1/129", "10.0.0.0/8/8", "10.0.0.0/-1", "127.1"])
      expect(isAddressOrNetwork(bad)).toBe(false);
  });

  it("are these and nobody else", () => {
    const isProxy = trustedProxies(["127.0.0.1", "10.1.0.0/16", "fd00::/8"]);
    for (const theirs of ["127.0.0.1", "::ffff:127.0.0.1", "::FFFF:10.1.255.3", "10.1.0.0", "fd12::1"]) expect(isProxy(theirs)).toBe(true);
    for (const others of ["127.0.0.2", "::ffff:127.0.0.2", "10.2.0.1", "::1", "fe80::1", "", "proxy"]) expect(isProxy(others)).toBe(false);
  });
});
