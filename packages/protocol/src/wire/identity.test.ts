import { expect, it } from "vitest";
import {
  ADDRESS,
  checkShape,
  HEX,
  lineOf,
  moreThan,
  NO_COUNT,
  NO_HEX,
  noBytes,
  noStatement,
  statementOf,
  times,
  zeros,
} from "../../test/shape-checks.ts";
import * as identity from "./identity.ts";

const record = { ...statementOf(4_096), new_key_signature: zeros(64), recovery_signature: zeros(64) };
const key = statementOf(4_096);
const profile = "p".repeat(16_384);
const PROFILE = { takes: [null, ""], refuses: [1, `${profile}p`] };
const RECORD = {
  takes: [statementOf(1)],
  refuses: [...noStatement(4_096), { ...record, new_key_signature: "" }, { ...record, recovery_signature: "" }],
};
const KEY = { refuses: noStatement(4_096) };
const KEYS = { takes: [[]], refuses: [null, times(201, key), [1], [statementOf(4_097)]] };

it("has the endpoints of protocol sections 2 and 3", () => {
  expect(Object.fromEntries(Object.entries(identity).map(([name, endpoint]) => [name, lineOf(endpoint)]))).toEqual({
    getVersion: "GET version anyone, nothing -> usual json, 65536",
    getServerInformation: "GET server_information anyone, nothing -> usual json, 65536",
    getHistory: "GET get_user/{address}/history anyone, nothing -> usual json, 65536",
    getMostRecent: "GET get_user/{address}/most_recent anyone, nothing -> usual json, 65536",
    getPublicKey: "GET get_user/{address}/public_key anyone, nothing -> usual json, 65536",
    initializeAccount: `POST initialize_account anyone, json -> 201 json, ${1_048_576 + 11_184_811}`,
    updateProfile: "POST update_profile anyone, json -> usual json, 1048576",
    getUserAvatar: "GET user_avatar/{address} anyone, nothing -> usual bytes, 65536",
    postUserAvatar: "POST user_avatar owner, bytes -> usual json, 1048576",
  });
});

it("says which versions there are", () => {
  checkShape(
    identity.getVersion.answer,
    { versions: ["1.0"] },
    {
      versions: { takes: [times(64, "v".repeat(16))], refuses: [[], times(65, "1.0"), ["v".repeat(17)], [1], "1.0"] },
    },
  );
});

it("says what a server is", () => {
  const good = {
    name: "n".repeat(256),
    software: "s".repeat(256),
    domains: times(10_000, "d"),
    endpoints: times(256, "e"),
    limits: { message: 0, blob: 1, keys: 2 },
    registration: "closed",
  };
  checkShape(identity.getServerInformation.answer, good, {
    name: { takes: [""], refuses: [1, "n".repeat(257)] },
    software: { takes: [""], refuses: [1, "s".repeat(257)] },
    domains: { takes: [[]], refuses: [times(10_001, "d"), [1]] },
    endpoints: { takes: [[]], refuses: [times(257, "e"), [1]] },
    limits: { refuses: [null, {}] },
    "limits.message": { refuses: NO_COUNT },
    "limits.blob": { refuses: NO_COUNT },
    "limits.keys": { refuses: NO_COUNT },
    registration: { takes: ["invite", "open"], refuses: ["", "Open", null] },
  });
});

it("shows histories", () => {
  checkShape(identity.getHistory.params, { address: ADDRESS }, { address: { refuses: ["alice", 1] } });
  checkShape(
    identity.getHistory.answer,
    { records: [record], profile },
    {
      records: { takes: [times(1_000, statementOf(1))], refuses: [[], times(1_001, statementOf(1)), [1], ...noStatement()] },
      profile: PROFILE,
    },
  );
  checkShape(identity.getMostRecent.answer, { record, profile }, { record: RECORD, profile: PROFILE });
  checkShape(
    identity.getPublicKey.answer,
    { public_key: zeros(32), sequence: 999, link: HEX },
    {
      public_key: { refuses: noBytes(32) },
      sequence: { takes: [0], refuses: [...NO_COUNT, 1_000] },
      link: { refuses: NO_HEX },
    },
  );
});

it("takes new accounts", () => {
  const good = {
    code: "c".repeat(64),
    record,
    profile,
    nonephemeral_key: key,
    ephemeral_keys: times(200, key),
    keystore: zeros(30),
    pow: { nonce: HEX, values: [HEX] },
  };
  checkShape(identity.initializeAccount.body, good, {
    code: { takes: [null, ""], refuses: [1, "c".repeat(65)] },
    record: RECORD,
    profile: PROFILE,
    nonephemeral_key: KEY,
    ephemeral_keys: KEYS,
    keystore: { takes: [null, "", zeros(8 * 1024 * 1024)], refuses: moreThan(8 * 1024 * 1024) },
    pow: { optional: true, refuses: [null, {}, { nonce: HEX }] },
  });
  checkShape(identity.initializeAccount.answer, { sequence: 0, link: HEX }, { sequence: { refuses: NO_COUNT }, link: { refuses: NO_HEX } });
});

it("takes new records", () => {
  const good = { record, profile, nonephemeral_key: key, ephemeral_keys: times(200, key) };
  checkShape(identity.updateProfile.body, good, {
    record: RECORD,
    profile: PROFILE,
    nonephemeral_key: { ...KEY, optional: true },
    ephemeral_keys: { ...KEYS, optional: true },
  });
  checkShape(identity.updateProfile.answer, { sequence: 0, link: HEX }, { sequence: { refuses: NO_COUNT }, link: { refuses: NO_HEX } });
});

it("names avatars by their hash", () => {
  checkShape(identity.postUserAvatar.answer, { hash: HEX }, { hash: { refuses: NO_HEX } });
});
