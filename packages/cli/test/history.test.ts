import { parseTimestamp, randomBytes, signingKey } from "@smimp/protocol";
import { body, createAuthority, createIdentity, startHistoryPeer, type Authority, type HistoryPeer } from "@smimp/testkit";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { smimp, temporaryFolder, type Ran } from "./smimp.ts";

const ADDRESS = "bob#alpha.example";
let authority: Authority;
let peer: HistoryPeer;
let folder: Awaited<ReturnType<typeof temporaryFolder>>;
let network: string;

beforeEach(async () => {
  authority = createAuthority();
  peer = await startHistoryPeer(authority, "alpha.example");
  folder = await temporaryFolder();
  network = await folder.write("network.json", JSON.stringify({ ca: authority.certificate, hosts: peer.hosts }));
});

afterEach(async () => {
  await peer.close();
  await folder.remove();
});

const history = async (...more: string[]): Promise<Ran> =>
  await smimp(["history", ADDRESS, "--home", folder.path, "--development-network", network, ...more]);

const person = (): ReturnType<typeof createIdentity> => createIdentity(ADDRESS, peer.baseUrl, parseTimestamp("2026-11-23T00:00:00Z"));

describe("smimp history", () => {
  it("tells the story of a chain", async () => {
    const bob = person().append({ master: signingKey(randomBytes(32)), changedAt: parseTimestamp("2026-11-24T12:30:00Z") });
    peer.show(bob.address, bob.append({ recovery: signingKey(randomBytes(32)), byRecovery: true }));
    const ran = await history();
    expect([ran.code, ran.stderr]).toEqual([0, ""]);
    expect(ran.stdout).toContain("3 records");
    expect(ran.stdout).toContain("2026-11-24 12:30");
    expect(ran.stdout).toMatch(/new recovery phrase.*with the recovery phrase/);
  });

  it("gives it to programs", async () => {
    const bob = person().append();
    peer.show(bob.address, bob);
    const ran = await history("--json");
    expect(ran.code).toBe(0);
    expect(ran.objects()).toMatchObject([
      {
        address: ADDRESS,
        server: peer.baseUrl,
        valid: true,
        key_link: bob.chain.keyLink,
        records: bob.chain.records.map(({ link, document }) => ({ link, sequence: document.sequence, signed_by: "master" })),
      },
    ]);
  });

  it("shows no control characters of a server", async () => {
    const bob = person();
    peer.show(bob.address, { records: bob.history().records, profile: null });
    peer.answer(`/1.0/get_user/${ADDRESS}/history`, (_request, response) => {
      response.writeHead(429, { "content-type": "application/problem+json" });
      response.end(JSON.stringify({ code: "rate_limited", detail: "\u001b]0;owned\u0007 slow" }));
    });
    const ran = await history();
    expect([ran.code, ran.stderr.includes("\u001b")]).toEqual([3, false]);
  });

  it.each<[string, () => void, number, string]>([
    ["nobody", () => undefined, 1, "unknown_user"],
    [
      "a changed record",
      () =>
        peer.show(person().address, {
          records: [...createIdentity("eve#alpha.example", peer.baseUrl, parseTimestamp("2026-11-23T00:00:00Z")).history().records],
          profile: null,
        }),
      1,
      "history_invalid",
    ],
    ["no server", () => peer.answer("/.well-known/smimp.txt", body("", "text/plain", 404)), 1, "unknown_user"],
    ["a server that is down", () => peer.answer("*", body("", "text/plain", 503)), 3, "temporarily_unavailable"],
  ])("says what is wrong: %s", async (_name, arrange, code, problem) => {
    arrange();
    const ran = await history("--json");
    expect([ran.code, ran.objects()]).toMatchObject([code, [{ error: { code: problem, advice: expect.any(String) as string } }]]);
  });

  it("trusts nobody but the named authority", async () => {
    await folder.write("network.json", JSON.stringify({ ca: createAuthority().certificate, hosts: peer.hosts }));
    const ran = await history("--json");
    expect([ran.code, ran.objects()]).toMatchObject([1, [{ error: { code: "insecure_transport" } }]]);
    expect(peer.peer.requests).toEqual([]);
  });
});
