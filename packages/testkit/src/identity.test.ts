import { checkChain, checkMessageKey, parseBaseUrl, parseTimestamp, randomBytes, signingKey } from "@smimp/protocol";
import { describe, expect, it } from "vitest";
import { createIdentity } from "./identity.ts";

const SERVER = parseBaseUrl("https://smimp.alpha.example/");
const NOW = parseTimestamp("2026-11-23T00:00:00Z");

describe("createIdentity", () => {
  it("builds chains that are valid", () => {
    const grown = createIdentity("alice#alpha.example", SERVER, NOW)
      .append()
      .append({ master: signingKey(randomBytes(32)) })
      .append({ recovery: signingKey(randomBytes(32)), byRecovery: true });
    expect(checkChain(grown.address, grown.history().records).records).toHaveLength(4);
    expect(checkChain(grown.address, grown.truncated(2).records).head.link).toBe(grown.chain.records[1]?.link);
  });

  it("forks", () => {
    const first = createIdentity("alice#alpha.example", SERVER, NOW).append();
    const other = first.at(0).append({ master: signingKey(randomBytes(32)) });
    expect(other.chain.records[0]?.link).toBe(first.chain.records[0]?.link);
    expect(other.chain.head.link).not.toBe(first.chain.head.link);
    expect(other.chain.head.document.sequence).toBe(first.chain.head.document.sequence);
  });

  it("signs message keys", () => {
    const alice = createIdentity("alice#alpha.example", SERVER, NOW);
    const { statement, keyId } = alice.messageKey("ephemeral", NOW);
    const checked = checkMessageKey({ statement, address: alice.address, publicKey: alice.master.publicKey, now: NOW, kind: "ephemeral" });
    expect(checked.keyId).toBe(keyId);
  });
});
