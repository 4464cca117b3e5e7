import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  ALICE,
  firstChain,
  firstRecord,
  MASTER,
  nextDocument,
  nextRecord,
  RECOVERY,
  SERVER,
  signAnything,
  START,
  testKey,
  type Change,
} from "../test/chain-builder.ts";
import { codeOf } from "../test/refusal.ts";
import { parseAddress } from "./address.ts";
import { parseBaseUrl } from "./base-url.ts";
import { toHex32 } from "./bytes.ts";
import { MAX_CLOCK_SKEW, MAX_RECORD_BYTES, MAX_RECORDS, RECOVERY_ONLY_FROM } from "./limits.ts";
import { isSmimpError } from "./problem.ts";
import { acceptHistory, appendRecord, checkChain, checkChainInTurns, recordAt, type Chain, type Pin } from "./record-chain.ts";
import { linkOf } from "./record.ts";
import type { SigningKey } from "./statement.ts";
import { addSeconds } from "./time.ts";

const BOB = parseAddress("bob#beta.example");
const OTHER_SERVER = parseBaseUrl("https://smimp.beta.example/");
const NOBODYS_LINK = toHex32(new Uint8Array(32));
const first = firstRecord();
const chain = firstChain();

/** The code that a record is refused with as the next one of a chain of one. */
function codeOfNext(record: unknown): unknown {
  return codeOf(() => appendRecord(chain, ALICE, record));
}

function codeOfFirst(record: unknown): unknown {
  return codeOf(() => checkChain(ALICE, [record]));
}

/** A chain of so many records, all but the last few signed by the master key. */
function longChain(records: number): Chain {
  let long = chain;
  while (long.records.length < records) {
    const signer = long.records.length >= RECOVERY_ONLY_FROM ? RECOVERY : MASTER;
    long = appendRecord(long, ALICE, nextRecord(long, { signer }));
  }
  return long;
}

describe("checkChainInTurns", () => {
  const statements = longChain(7).records.map(({ statement }) => statement);

  it("finds what checkChain finds, and lets others have a turn in between", async () => {
    let turns = 0;
    const turn = async (): Promise<void> => {
      turns++;
      await Promise.resolve();
    };
    expect(await checkChainInTurns(ALICE, statements, turn)).toEqual(checkChain(ALICE, statements));
    expect(turns).toBe(3);
    turns = 0;
    await checkChainInTurns(ALICE, statements.slice(0, 2), turn);
    expect(turns).toBe(0);
  });

  it.each<[string, readonly unknown[]]>([
    ["no record", []],
    ["a record too many", Array.from({ length: MAX_RECORDS + 1 }, () => first)],
    ["a gap", statements.toSpliced(3, 1)],
    ["no list", "text" as unknown as readonly unknown[]],
  ])("refuses what checkChain refuses: %s", async (_fault, records) => {
    await expect(checkChainInTurns(ALICE, records, async () => await Promise.resolve())).rejects.toMatchObject({ code: "history_invalid" });
    expect(codeOf(() => checkChain(ALICE, records))).toBe("history_invalid");
  });
});

describe("checkChain", () => {
  it("takes a chain of one", () => {
    expect(chain.head.document).toMatchObject({ address: ALICE, sequence: 0, previous: null, public_key: MASTER.publicKey });
    expect(chain.head.signedBy).toBe("master");
    expect(chain.keyLink).toBe(linkOf(first));
    expect([...chain.keys]).toEqual([MASTER.publicKey, RECOVERY.publicKey]);
  });

  it.each<[string, unknown]>([
    ["no records", []],
    ["no list", first],
    ["nothing", undefined],
    ["a hole", [first, null]],
    ["more records than may be", Array.from({ length: MAX_RECORDS + 1 }, () => first)],
    ["the same record twice", [first, first]],
  ])("refuses %s", (_, records) => {
    expect(codeOf(() => checkChain(ALICE, records as never))).toBe("history_invalid");
  });

  it("refuses another address than was asked for", () => {
    expect(codeOf(() => checkChain(BOB, [first]))).toBe("history_invalid");
  });

  it("says why, in the cause, where the shape is at fault", () => {
    expect(() => checkChain(ALICE, [{ ...first, signature: "" }])).toThrow(
      expect.toSatisfy((error: Error) => isSmimpError(error.cause, "bad_request")) as never,
    );
  });
});

describe("record 0", () => {
  const document = chain.head.document;
  const both = { recovery: RECOVERY };

  it.each<[string, unknown]>([
    ["signed by another key", signAnything(document, RECOVERY, both)],
    ["with another sequence", signAnything({ ...document, sequence: 1 }, MASTER, both)],
    ["with a record before it", signAnything({ ...document, previous: NOBODYS_LINK }, MASTER, both)],
    ["without its recovery key's signature", signAnything(document, MASTER)],
    ["with a recovery signature by another key", signAnything(document, MASTER, { recovery: MASTER })],
    ["with a new key's signature", signAnything(document, MASTER, { ...both, newKey: MASTER })],
    ["with one key for both", signAnything({ ...document, recovery_key: MASTER.publicKey }, MASTER, { recovery: MASTER })],
    ["without servers", signAnything({ ...document, servers: [] }, MASTER, both)],
    ["with a server that is no base URL", signAnything({ ...document, servers: ["https://smimp.alpha.example"] }, MASTER, both)],
    ["with an address that is not in normal form", signAnything({ ...document, address: "Alice#alpha.example" }, MASTER, both)],
    ["with a time that does not exist", signAnything({ ...document, changed_at: "2026-02-30T00:00:00Z" }, MASTER, both)],
    ["with a name that stands twice", signAnything(JSON.stringify(document).replace("{", '{"sequence":0,'), MASTER, both)],
    ["without a member", signAnything({ ...document, profile_hash: undefined }, MASTER, both)],
    ["that is no JSON", signAnything("record", MASTER, both)],
  ])("is refused %s", (_, record) => {
    expect(codeOfFirst(record)).toBe("history_invalid");
  });

  it("is bounded in bytes of UTF-8, not in characters", () => {
    const sized = (filler: string, bytes: number): unknown => {
      const empty = new TextEncoder().encode(JSON.stringify({ ...document, x: "" })).length;
      const x = filler.repeat((bytes - empty) / new TextEncoder().encode(filler).length);
      return signAnything({ ...document, x }, MASTER, both);
    };
    expect(codeOfFirst(sized("a", MAX_RECORD_BYTES))).toBeNull();
    expect(codeOfFirst(sized("a", MAX_RECORD_BYTES + 1))).toBe("history_invalid");
    expect(codeOfFirst(sized("\u{1f511}", MAX_RECORD_BYTES + 200))).toBe("history_invalid");
  });

  it("has no lone surrogate, which has no bytes that could be signed", () => {
    expect(codeOfFirst({ ...first, data: `${first.data}\ud800` })).toBe("history_invalid");
  });
});

describe("a later record", () => {
  const document = nextDocument(chain);
  const [newMaster, newRecovery] = [testKey(3), testKey(4)];

  it("may be signed by either key of the record before", () => {
    expect(appendRecord(chain, ALICE, nextRecord(chain)).head.signedBy).toBe("master");
    expect(appendRecord(chain, ALICE, nextRecord(chain, { signer: RECOVERY })).head.signedBy).toBe("recovery");
  });

  it("moves the key link with either key, and with nothing else", () => {
    const moved = appendRecord(chain, ALICE, nextRecord(chain, { servers: [OTHER_SERVER] }));
    expect(moved.keyLink).toBe(chain.keyLink);
    const changed = appendRecord(moved, ALICE, nextRecord(moved, { master: newMaster }));
    expect(changed.keyLink).toBe(changed.head.link);
    const recovered = appendRecord(changed, ALICE, nextRecord(changed, { recovery: newRecovery, signer: RECOVERY }));
    expect(recovered.keyLink).toBe(recovered.head.link);
    expect(recovered.keys.size).toBe(4);
  });

  it("lets the paper key replace both keys at once", () => {
    const taken = appendRecord(chain, ALICE, nextRecord(chain, { master: newMaster, recovery: newRecovery, signer: RECOVERY }));
    expect(taken.head).toMatchObject({ signedBy: "recovery", document: { public_key: newMaster.publicKey } });
  });

  it.each<[string, unknown]>([
    ["signed by a stranger", signAnything(document, newMaster)],
    ["signed by the key that it sets", nextRecord(chain, { master: newMaster, signer: newMaster })],
    ["with a gap", signAnything({ ...document, sequence: 2 }, MASTER)],
    ["with the sequence of the one before", signAnything({ ...document, sequence: 0 }, MASTER)],
    ["after another record", signAnything({ ...document, previous: NOBODYS_LINK }, MASTER)],
    ["after none", signAnything({ ...document, previous: null }, MASTER)],
    ["of another address", signAnything({ ...document, address: BOB }, MASTER)],
    ["dated before the one before", nextRecord(chain, { changedAt: addSeconds(START, -1) })],
    ["with a recovery key that the master key set", nextRecord(chain, { recovery: newRecovery })],
    ["without the new key's signature", signAnything({ ...document, public_key: newMaster.publicKey }, MASTER)],
    ["with the new key's signature by another", signAnything({ ...document, public_key: newMaster.publicKey }, MASTER, { newKey: MASTER })],
    ["with a new key's signature without a new key", signAnything(document, MASTER, { newKey: MASTER })],
    ["without the recovery key's signature", signAnything({ ...document, recovery_key: newRecovery.publicKey }, RECOVERY)],
    [
      "with the recovery key's signature by another",
      signAnything({ ...document, recovery_key: newRecovery.publicKey }, RECOVERY, { recovery: RECOVERY }),
    ],
    ["with a recovery signature without a new recovery key", signAnything(document, MASTER, { recovery: RECOVERY })],
    ["with a master key that is the recovery key", nextRecord(chain, { master: RECOVERY })],
    ["with a recovery key that is the master key", nextRecord(chain, { recovery: MASTER, signer: RECOVERY })],
    ["with one new key for both", nextRecord(chain, { master: newMaster, recovery: newMaster, signer: RECOVERY })],
    ["with the two keys swapped", nextRecord(chain, { master: RECOVERY, recovery: MASTER, signer: RECOVERY })],
    ["that is no JSON", signAnything("record", MASTER)],
    ["that is no statement", "record"],
  ])("is refused %s", (_, record) => {
    expect(codeOfNext(record)).toBe("history_invalid");
  });

  it("never brings a key back", () => {
    const changed = appendRecord(chain, ALICE, nextRecord(chain, { master: newMaster }));
    const back = nextRecord(changed, { master: MASTER, signer: newMaster });
    expect(codeOf(() => appendRecord(changed, ALICE, back))).toBe("history_invalid");
    const backAsRecovery = nextRecord(changed, { recovery: MASTER, signer: RECOVERY });
    expect(codeOf(() => appendRecord(changed, ALICE, backAsRecovery))).toBe("history_invalid");
  });

  it("is verified before it is parsed", () => {
    // Both faults at once: what is found is the signature's.
    expect(() => appendRecord(chain, ALICE, signAnything("record", newMaster))).toThrow(
      expect.toSatisfy((error: Error) => isSmimpError(error.cause, "bad_signature")) as never,
    );
  });

  it("leaves the last places to the recovery key, and ends at a thousand", () => {
    const long = longChain(RECOVERY_ONLY_FROM);
    expect(codeOf(() => appendRecord(long, ALICE, nextRecord(long)))).toBe("history_invalid");
    expect(appendRecord(long, ALICE, nextRecord(long, { signer: RECOVERY })).head.document.sequence).toBe(RECOVERY_ONLY_FROM);
    const full = longChain(MAX_RECORDS);
    expect(
      checkChain(
        ALICE,
        full.records.map(({ statement }) => statement),
      ).head.link,
    ).toBe(full.head.link);
    expect(codeOf(() => appendRecord(full, ALICE, nextRecord(full, { signer: RECOVERY })))).toBe("history_invalid");
  });
});

describe("the clock of a server that accepts a record", () => {
  const ahead = addSeconds(START, MAX_CLOCK_SKEW);

  it("bounds record 0", () => {
    expect(codeOf(() => appendRecord(null, ALICE, firstRecord(ahead), { now: START }))).toBeNull();
    expect(codeOf(() => appendRecord(null, ALICE, firstRecord(addSeconds(ahead, 1)), { now: START }))).toBe("history_invalid");
  });

  it("bounds a later record, unless it is dated as the one before", () => {
    const check = (changedAt = START, now = START): unknown =>
      codeOf(() => appendRecord(chain, ALICE, nextRecord(chain, { changedAt }), { now }));
    expect(check(ahead)).toBeNull();
    expect(check(addSeconds(ahead, 1))).toBe("history_invalid");
    expect(check(START, addSeconds(START, -MAX_CLOCK_SKEW * 2))).toBeNull();
  });

  it("counts for the last record only", () => {
    const later = nextRecord(chain, { changedAt: START });
    expect(codeOf(() => checkChain(ALICE, [first, later], { now: addSeconds(START, -MAX_CLOCK_SKEW * 2) }))).toBeNull();
    expect(codeOf(() => checkChain(ALICE, [first, nextRecord(chain, { changedAt: addSeconds(START, 9_999) })]))).toBeNull();
  });
});

describe("acceptHistory", () => {
  const accept = (grown: Chain, pin: Pin | null, elsewhere: Parameters<typeof acceptHistory>[0]["pinnedElsewhere"] = []): Pin =>
    acceptHistory({ chain: grown, server: SERVER, pin, pinnedElsewhere: elsewhere });
  const pin = accept(chain, null);
  const second = appendRecord(chain, ALICE, nextRecord(chain, { changedAt: addSeconds(START, 1) }));
  const forked = appendRecord(chain, ALICE, nextRecord(chain, { changedAt: addSeconds(START, 2) }));
  const otherFirst = checkChain(ALICE, [firstRecord(addSeconds(START, 1))]);

  it("pins the first and the last record", () => {
    expect(pin).toEqual({ first_link: chain.head.link, link: chain.head.link, sequence: 0, public_key: MASTER.publicKey });
    const grown = accept(second, pin);
    expect(grown).toEqual({ ...pin, link: second.head.link, sequence: 1 });
    expect(accept(second, grown)).toEqual(grown);
  });

  it("knows a history that was rewritten", () => {
    const grown = accept(second, pin);
    for (const other of [chain, forked, otherFirst]) expect(codeOf(() => accept(other, grown))).toBe("history_rewritten");
    expect(codeOf(() => accept(second, { ...grown, first_link: NOBODYS_LINK }))).toBe("history_rewritten");
  });

  it("wants the server that the history names", () => {
    const elsewhere = { chain, server: OTHER_SERVER, pin: null, pinnedElsewhere: [] };
    expect(codeOf(() => acceptHistory(elsewhere))).toBe("server_mismatch");
  });

  it("knows the key of another address, and no key of the own", () => {
    const key = MASTER.publicKey;
    expect(codeOf(() => accept(chain, null, [{ address: BOB, public_key: key }]))).toBe("key_reused");
    expect(codeOf(() => accept(chain, null, [{ address: ALICE, public_key: key }]))).toBeNull();
    expect(codeOf(() => accept(chain, null, [{ address: BOB, public_key: RECOVERY.publicKey }]))).toBeNull();
  });
});

describe("recordAt", () => {
  it("finds a record by its link", () => {
    expect(recordAt(chain, chain.head.link)).toBe(chain.head);
    expect(recordAt(chain, NOBODYS_LINK)).toBeUndefined();
  });
});

describe("any history", () => {
  type Step = "nothing" | "servers" | "master" | "recovery" | "both";
  const steps = fc.array(
    fc.record({ step: fc.constantFrom<Step>("nothing", "servers", "master", "recovery", "both"), byMaster: fc.boolean() }),
    {
      maxLength: 8,
    },
  );

  function build(plan: readonly { readonly step: Step; readonly byMaster: boolean }[]): Chain {
    let built = chain;
    let keys: { master: SigningKey; recovery: SigningKey } = { master: MASTER, recovery: RECOVERY };
    for (const [index, { step, byMaster }] of plan.entries()) {
      const newRecovery = step === "recovery" || step === "both";
      const change: Change = {
        ...(step === "servers" ? { servers: [SERVER, OTHER_SERVER] } : {}),
        ...(step === "master" || step === "both" ? { master: testKey(100 + index) } : {}),
        ...(newRecovery ? { recovery: testKey(200 + index) } : {}),
        signer: byMaster && !newRecovery ? keys.master : keys.recovery,
        changedAt: addSeconds(START, index),
      };
      built = appendRecord(built, ALICE, nextRecord(built, change));
      keys = { master: change.master ?? keys.master, recovery: change.recovery ?? keys.recovery };
    }
    return built;
  }

  it("is the same record by record and at once, and never holds its key link elsewhere", () => {
    fc.assert(
      fc.property(steps, (plan) => {
        const built = build(plan);
        const again = checkChain(
          ALICE,
          built.records.map(({ statement }) => statement),
        );
        expect(again).toEqual(built);
        const keyRecord = recordAt(built, built.keyLink)?.document;
        expect([keyRecord?.public_key, keyRecord?.recovery_key]).toEqual([
          built.head.document.public_key,
          built.head.document.recovery_key,
        ]);
      }),
      { numRuns: 40 },
    );
  });

  it("can't lose, swap or repeat a record", () => {
    fc.assert(
      fc.property(steps, fc.nat(), (plan, place) => {
        const records = build([...plan, { step: "servers", byMaster: true }, { step: "nothing", byMaster: false }]).records.map(
          ({ statement }) => statement,
        );
        const at = place % (records.length - 1);
        const lost = records.toSpliced(at, 1);
        const repeated = records.toSpliced(at, 0, records[at] ?? first);
        const swapped = records.toSpliced(at, 2, ...records.slice(at, at + 2).toReversed());
        for (const wrong of [lost, repeated, swapped]) expect(codeOf(() => checkChain(ALICE, wrong))).toBe("history_invalid");
      }),
      { numRuns: 40 },
    );
  });
});
