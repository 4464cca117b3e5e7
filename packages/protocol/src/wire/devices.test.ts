import { expect, it } from "vitest";
import { ADDRESS, checkShape, lineOf, moreThan, NO_TIME, noBytes, TIME, zeros } from "../../test/shape-checks.ts";
import { getDeviceLink, offerDeviceLink, sealDeviceLink } from "./devices.ts";

const code = "A2".repeat(8);
const key = zeros(1_216);
const CODE = { takes: ["Z7".repeat(8)], refuses: [1, "", "A".repeat(15), "A".repeat(17), "a".repeat(16), "1".repeat(16), `${code}\n`] };
const KEY = { refuses: noBytes(1_216) };
const SEALED = { takes: [""], refuses: moreThan(2_048) };

it("has the endpoints of devices", () => {
  expect([offerDeviceLink, getDeviceLink, sealDeviceLink].map(lineOf)).toEqual([
    "POST device_links anyone, json -> 201 json, 65536",
    "GET device_links/{code}? anyone, nothing -> usual json, 65536",
    "PUT device_links/{code} owner, json -> usual nothing, 65536",
  ]);
});

it("bounds what they take and give", () => {
  checkShape(offerDeviceLink.body, { public_key: key }, { public_key: KEY });
  checkShape(offerDeviceLink.answer, { code, expires_at: TIME }, { code: CODE, expires_at: { refuses: NO_TIME } });
  checkShape(getDeviceLink.params, { code }, { code: CODE });
  checkShape(getDeviceLink.query, { address: ADDRESS }, { address: { optional: true, refuses: ["alice", 1] } });
  checkShape(
    getDeviceLink.answer,
    { public_key: key, sealed: zeros(2_048) },
    { public_key: KEY, sealed: { ...SEALED, takes: [null, ""] } },
  );
  checkShape(sealDeviceLink.params, { code }, { code: CODE });
  checkShape(
    sealDeviceLink.body,
    { sealed: zeros(2_048), public_key: key },
    { sealed: { ...SEALED, refuses: [null, ...SEALED.refuses] }, public_key: { ...KEY, optional: true } },
  );
});
