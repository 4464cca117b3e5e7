import { afterAll, beforeAll, describe, expect, it } from "vitest";
import {
  addSeconds,
  DEVICE_LINK_LIFE,
  deviceLinkCode,
  fromB64,
  HAND_OVER_LIFE,
  MAX_HAND_OVERS,
  newDeviceLink,
  openDeviceLink,
  openHandOver,
  parseAddress,
  randomBytes,
  sealDeviceLink,
  sealHandOver,
  toB64,
  xWingPublicKey,
  type Address,
  type DeviceLinkContent,
} from "@smimp/protocol";
import { createIdentity, fakeClock, rawCaller, rawJoin, rawSession, startNetwork, type Network, type RawCaller } from "../src/index.ts";
import { generous } from "./generous.ts";

// Protocol section 8: linking devices, and handing a new key over to those that are linked.

const clock = fakeClock();
const LINKS_PER_HOUR = 25;
let network: Network;
let call: RawCaller;
/** Two accounts, and sessions of theirs. */
let owner: Address;
let other: Address;
let alice: string;
let bob: string;

beforeAll(async () => {
  const config = { ...generous, quotas: { ...generous.quotas, deviceLinksPerHour: LINKS_PER_HOUR } };
  network = await startNetwork({ domains: ["alpha.example"], clock, config });
  call = rawCaller(network.fetch, network.server("alpha.example").baseUrl);
  await join();
});
afterAll(async () => await network.close());

/** Two new accounts: sessions end after an hour, and the clock moves on. */
let joined = 0;
async function join(): Promise<void> {
  const { baseUrl } = network.server("alpha.example");
  [owner, other] = [`alice${++joined}#alpha.example`, `bob${joined}#alpha.example`].map(parseAddress) as [Address, Address];
  [alice, bob] = (await Promise.all(
    [owner, other].map(async (address) => {
      const identity = createIdentity(address, baseUrl, clock());
      await rawJoin(network, identity);
      return await rawSession(network, baseUrl, identity);
    }),
  )) as [string, string];
}

const content: DeviceLinkContent = {
  key: randomBytes(32),
  masterSeed: randomBytes(32),
  address: parseAddress("alice#alpha.example"),
  version: 7,
};
const offer = async (publicKey: Uint8Array) => await call("offerDeviceLink", { body: { public_key: toB64(publicKey) } });
const look = async (code: string, from?: string) =>
  await call("getDeviceLink", { params: { code }, ...(from === undefined ? {} : { query: { address: from } }) });
const newDevice = () => {
  const seed = randomBytes(32);
  const publicKey = xWingPublicKey(seed);
  return { seed, publicKey, code: deviceLinkCode(publicKey), key: toB64(publicKey) };
};

describe("linking a device", () => {
  it("carries the new device's key to the old one, and what was sealed to it back", async () => {
    const link = newDeviceLink(randomBytes);
    const offered = await offer(link.publicKey);
    expect([offered.status, offered.answer]).toEqual([201, { code: link.code, expires_at: addSeconds(clock(), DEVICE_LINK_LIFE) }]);
    const shown = await look(link.code);
    expect(shown.answer).toEqual({ public_key: toB64(link.publicKey), sealed: null });
    const publicKey = fromB64(shown.answer.public_key);
    const sealed = sealDeviceLink({ code: link.code, secret: link.secret, publicKey, random: randomBytes, ...content });
    const put = { token: alice, params: { code: link.code }, body: { sealed: toB64(sealed) } };
    expect((await call("sealDeviceLink", put)).status).toBe(204);
    const back = await look(link.code);
    expect(openDeviceLink(link, fromB64(back.answer.sealed ?? ""))).toEqual(content);
    // Once: the same again, for an answer may be lost, but nothing else, whoever it is from.
    expect((await call("sealDeviceLink", put)).status).toBe(204);
    for (const token of [alice, bob]) {
      expect((await call("sealDeviceLink", { ...put, token, body: { sealed: toB64(randomBytes(1_200)) } })).code).toBe("conflict");
    }
    expect((await look(link.code)).answer.sealed).toBe(toB64(sealed));
  });

  it("answers the same key the same, and takes no key that nobody can seal to", async () => {
    const link = newDeviceLink(randomBytes);
    const first = await offer(link.publicKey);
    clock.advance(60);
    expect((await offer(link.publicKey)).answer).toEqual(first.answer);
    expect((await offer(new Uint8Array(1_216).fill(0xff))).code).toBe("bad_request");
    expect((await offer(new Uint8Array(1_216))).code).toBe("bad_request");
    expect((await offer(link.publicKey.subarray(1))).code).toBe("bad_request");
  });

  it("ends after ten minutes", async () => {
    const link = newDeviceLink(randomBytes);
    await offer(link.publicKey);
    clock.advance(DEVICE_LINK_LIFE - 1);
    expect((await look(link.code)).status).toBe(200);
    clock.advance(1);
    expect((await look(link.code)).code).toBe("not_found");
    const put = { token: alice, params: { code: link.code }, body: { sealed: toB64(randomBytes(100)) } };
    expect((await call("sealDeviceLink", put)).code).toBe("not_found");
    expect((await offer(link.publicKey)).status).toBe(201);
  });

  it("takes an owner's session to seal, none to look, and knows no code by itself", async () => {
    const link = newDeviceLink(randomBytes);
    await offer(link.publicKey);
    const body = { sealed: toB64(randomBytes(100)) };
    expect((await call("sealDeviceLink", { params: { code: link.code }, body })).code).toBe("unauthenticated");
    expect((await call("sealDeviceLink", { token: alice, params: { code: "A".repeat(16) }, body })).code).toBe("not_found");
    expect((await look("A".repeat(16))).code).toBe("not_found");
    for (const code of ["a".repeat(16), "A".repeat(15), "A".repeat(17), "1".repeat(16), `${"A".repeat(15)}\u0000`]) {
      expect((await look(code)).code).toBe("bad_request");
    }
    const large = { sealed: toB64(randomBytes(2_049)) };
    expect((await call("sealDeviceLink", { token: alice, params: { code: link.code }, body: large })).code).toBe("bad_request");
  });

  it("is limited to so many an hour from one network", async () => {
    let refused: string | null = null;
    for (let index = 0; index <= LINKS_PER_HOUR && refused === null; index++) refused = (await offer(newDevice().publicKey)).code;
    expect(refused).toBe("rate_limited");
    clock.advance(3_600);
    expect((await offer(newDevice().publicKey)).status).toBe(201);
    await join();
  });
});

describe("a hand-over", () => {
  const leave = async (token: string, device: ReturnType<typeof newDevice>, sealed: Uint8Array) =>
    await call("sealDeviceLink", { token, params: { code: device.code }, body: { sealed: toB64(sealed), public_key: device.key } });

  it("waits for the device, and a later one takes its place", async () => {
    const device = newDevice();
    const seal = (version: number) =>
      sealHandOver({ ...content, version, address: owner, publicKey: device.publicKey, random: randomBytes });
    expect((await leave(alice, device, seal(1))).status).toBe(204);
    expect((await leave(alice, device, seal(2))).status).toBe(204);
    const found = await look(device.code, owner);
    expect(found.answer.public_key).toBe(device.key);
    expect(openHandOver(device.seed, owner, fromB64(found.answer.sealed ?? "")).version).toBe(2);
    clock.advance(HAND_OVER_LIFE - 1);
    expect((await look(device.code, owner)).status).toBe(200);
    clock.advance(1);
    expect((await look(device.code, owner)).code).toBe("not_found");
    await join();
  });

  it("of another account never stands in its place", async () => {
    const device = newDevice();
    await leave(bob, device, randomBytes(100));
    expect((await look(device.code, owner)).code).toBe("not_found");
    const mine = randomBytes(100);
    await leave(alice, device, mine);
    await leave(bob, device, randomBytes(100));
    expect((await look(device.code, owner)).answer.sealed).toBe(toB64(mine));
    expect((await look(device.code)).code).toBe("not_found");
    expect((await look(device.code, other)).status).toBe(200);
    // And a link that a new device shows is another thing.
    await offer(device.publicKey);
    expect((await look(device.code)).answer).toEqual({ public_key: device.key, sealed: null });
    expect((await look(device.code, owner)).answer.sealed).toBe(toB64(mine));
  });

  it("is for the key that has the code, and for 32 devices at the most", async () => {
    const device = newDevice();
    const body = { sealed: toB64(randomBytes(100)), public_key: newDevice().key };
    expect((await call("sealDeviceLink", { token: alice, params: { code: device.code }, body })).code).toBe("bad_request");
    await join();
    const devices = Array.from({ length: MAX_HAND_OVERS + 1 }, newDevice);
    const codes: (string | null)[] = [];
    for (const each of devices) codes.push((await leave(alice, each, randomBytes(100))).code);
    expect(codes).toEqual([...Array.from({ length: MAX_HAND_OVERS }, () => null), "quota_exceeded"]);
    const [first = newDevice()] = devices;
    expect((await leave(alice, first, randomBytes(100))).code).toBeNull();
  });
});
