import {
  fromB64,
  isSmimpError,
  keystoreVersion,
  newDeviceLink,
  openDeviceLink,
  openKeystore,
  parseKeystoreDocument,
  showLinkCode,
  signingKey,
  SmimpError,
  toB64,
  type Address,
  type DeviceLinkContent,
  type NewDeviceLink,
  type Timestamp,
} from "@smimp/protocol";
import { createApi, type Api } from "../api.ts";
import type { Client } from "../client.ts";
import type { ClientDeps } from "../deps.ts";
import { adopt } from "../keystore/contents.ts";
import { stepTo } from "../keystore/keystore.ts";
import { keystoreStates, ONLY } from "../keystore/state.ts";
import { createTransfer } from "../keystore/transfer.ts";
import { assemble } from "../open.ts";
import { pause } from "../pause.ts";
import { pinSelf, type OwnHistory } from "../pins.ts";
import { findOwnAccount, holdsOwnPin } from "../recovery/own-account.ts";
import { readAccount, writeAccount } from "../self.ts";
import { createSessions } from "../session.ts";
import type { Storage } from "../storage/storage.ts";
import { createMeter, type Meter } from "../traffic.ts";
import { assertDeviceName, makeOwnDevice } from "./documents.ts";

/** How long the new device waits before it asks again whether it was linked, milliseconds: longer and longer. */
const FIRST_WAIT = 250;
const LONGEST_WAIT = 2_000;

/** What linking a new device needs. */
export interface LinkDeviceOptions {
  /** Empty. */
  readonly storage: Storage;
  readonly address: Address;
  readonly deps: ClientDeps;
  /** What the device is called; 1 to 100 characters. */
  readonly name: string;
}

/** A device that waits to be linked. */
export interface DeviceLinking {
  /** 42 base32 characters in groups of four, for `devices.link` of a device that is linked already. */
  readonly linkCode: string;
  /** Ten minutes after it began. */
  readonly expiresAt: Timestamp;
  /**
   * Waits for the other device and opens the account. Throws `not_found` once the code has expired, `decryption_failed` where somebody
   * answered who had not seen it, `own_history_mismatch` where the server's history is not the other device's; the signal's reason.
   */
  finish(options?: { readonly signal?: AbortSignal }): Promise<Client>;
  /** Stops waiting: `finish` throws an AbortError. */
  cancel(): void;
}

/**
 * Begins to link this device to an account that is open on another one (protocol section 8): shows a code, which that other device
 * is given. Nothing is stored before it is linked. Throws TypeError for a storage that holds an account, `unknown_user` where the
 * address has no server, and a transport's errors.
 */
export async function linkDevice(options: LinkDeviceOptions): Promise<DeviceLinking> {
  const { storage, address, deps, name } = options;
  assertDeviceName(name);
  if ((await readAccount(storage)) !== null) throw new TypeError("this storage holds an account already");
  const meter = createMeter(deps.fetch);
  const api = createApi(meter.fetch, deps.patience);
  const { baseUrl } = await findOwnAccount(meter.fetch, address);
  const link = newDeviceLink(deps.random);
  const offered = await api.call(baseUrl, "offerDeviceLink", { body: { public_key: toB64(link.publicKey) } });
  const cancelled = new AbortController();
  return {
    linkCode: showLinkCode(link),
    expiresAt: offered.expires_at,
    cancel: () => cancelled.abort(new DOMException("linking was cancelled", "AbortError")),
    finish: async ({ signal } = {}) => {
      const until = signal === undefined ? cancelled.signal : AbortSignal.any([signal, cancelled.signal]);
      const sealed = await waitFor(api, { baseUrl, link, expiresAt: offered.expires_at, clock: deps.clock }, until);
      // Whoever only saw the public key can't have sealed this: it takes the other half of the code.
      const content = openDeviceLink(link, sealed);
      if (content.address !== address) throw new SmimpError("not_for_me", "the other device is one of another account");
      return await moveIn(options, meter, content);
    },
  };
}

interface Waiting {
  readonly baseUrl: OwnHistory["baseUrl"];
  readonly link: NewDeviceLink;
  readonly expiresAt: Timestamp;
  readonly clock: LinkDeviceOptions["deps"]["clock"];
}

async function waitFor(api: Api, { baseUrl, link, expiresAt, clock }: Waiting, signal: AbortSignal): Promise<Uint8Array> {
  const params = { code: link.code };
  for (let wait = FIRST_WAIT; ; wait = Math.min(wait * 2, LONGEST_WAIT)) {
    signal.throwIfAborted();
    try {
      const { sealed } = await api.call(baseUrl, "getDeviceLink", { params, signal });
      if (sealed !== null) return fromB64(sealed);
    } catch (error) {
      // An outage passes; a link that is gone doesn't.
      if (!isSmimpError(error, "temporarily_unavailable")) throw error;
    }
    if (clock() >= expiresAt) throw new SmimpError("not_found", "the link code has expired: start again");
    await pause(wait, signal);
  }
}

/** Fetches the keystore with what the other device gave, and stores everything in one transaction. */
async function moveIn({ storage, address, deps, name }: LinkDeviceOptions, meter: Meter, content: DeviceLinkContent): Promise<Client> {
  const { clock, random } = deps;
  const api = createApi(meter.fetch, deps.patience);
  const own = await findOwnAccount(meter.fetch, address);
  const { chain, baseUrl } = own;
  const master = signingKey(content.masterSeed);
  if (chain.head.document.public_key !== master.publicKey) throw notOwn();
  const sessions = createSessions(api, { address, baseUrl, master }, clock);
  const asOwner = async <Result>(work: (token: string) => Promise<Result>): Promise<Result> => await sessions.with(baseUrl, work);
  const copy = await createTransfer(api, { self: { baseUrl }, asOwner }).get(null);
  if (copy === null || copy === "same") throw new SmimpError("not_found", "your server has no keystore");
  const version = keystoreVersion(copy.bytes);
  const key = stepTo(content.key, version - content.version);
  const document = parseKeystoreDocument(openKeystore(address, copy.bytes, { key }).text);
  if (!holdsOwnPin(chain, document)) throw notOwn();
  const phraseKey = document.settings.phrase_key;
  if (phraseKey === undefined) throw new SmimpError("bad_request", "the keystore doesn't say for which phrase it is");
  await storage.transact(async (writer) => {
    writeAccount(writer, {
      address,
      baseUrl,
      master_seed: toB64(content.masterSeed),
      recovery_key: chain.head.document.recovery_key,
      phrase_key: phraseKey,
      opening: null,
    });
    keystoreStates.put(writer, ONLY, { version, key: toB64(key), etag: copy.etag, dirty: true, pending: null });
    pinSelf(storage, writer, own);
    await adopt(storage, writer, document, clock());
    makeOwnDevice(writer, name, clock(), random);
  });
  await sessions.end();
  const client = await assemble(storage, deps, meter);
  await client.keys.save().catch((error: unknown) => {
    // The device is linked; the others see its name with its next sync.
    if (!isSmimpError(error)) throw error;
  });
  return client;
}

function notOwn(): SmimpError {
  return new SmimpError("own_history_mismatch", "your server shows a history of yours that is not the one your other device knows");
}
