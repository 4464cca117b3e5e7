import { parseAddress } from "@smimp/protocol";
import { expect, it } from "vitest";
import { createTransfers, type Transfer } from "./transfers.ts";

const of = (name: string, remoteAddress: string, kind: Transfer["kind"] = "export"): Transfer => ({
  kind,
  address: parseAddress(`${name}#alpha.example`),
  remoteAddress,
});
const code = (expected: string) => expect.objectContaining({ code: expected }) as Error;

it("gives each network a share, so that a few who drip don't hold up others", () => {
  const transfers = createTransfers({ all: 5, prefix: 2 });
  const ends = ["a", "b"].map((name) => transfers.begin(of(name, "192.0.2.1")));
  expect(() => transfers.begin(of("c", "192.0.2.200"))).toThrow(code("rate_limited"));
  transfers.begin(of("c", "198.51.100.1"))();
  for (const [index, name] of ["c", "d", "e"].entries()) transfers.begin(of(name, `2001:db8:${index}::1`));
  expect(() => transfers.begin(of("f", "203.0.113.1"))).toThrow(code("temporarily_unavailable"));
  for (const end of ends) end();
  transfers.begin(of("f", "192.0.2.1"));
});

it("has one of a kind for an account, wherever it is asked for", () => {
  const transfers = createTransfers({ all: 5, prefix: 5 });
  const end = transfers.begin(of("a", "192.0.2.1"));
  expect(() => transfers.assertFree(of("a", "198.51.100.1"))).toThrow(code("rate_limited"));
  transfers.begin(of("a", "198.51.100.1", "import"));
  end();
  // Ended twice, it ends no other.
  transfers.begin(of("a", "192.0.2.1"));
  end();
  expect(() => transfers.assertFree(of("a", "198.51.100.1"))).toThrow(code("rate_limited"));
});
