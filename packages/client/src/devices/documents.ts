import {
  MAX_DEVICES,
  MAX_DEVICE_NAME_LENGTH,
  toB64,
  toHex,
  xWingPublicKey,
  type KeystoreDevice,
  type RandomBytes,
  type Timestamp,
} from "@smimp/protocol";
import { markDirty } from "../keystore/state.ts";
import { documents } from "../storage/documents.ts";
import type { StorageReader, StorageWriter } from "../storage/storage.ts";

/** What this device knows of itself. */
export interface OwnDevice {
  readonly id: string;
  /** `b64` of the X-Wing secret, which never leaves it (protocol section 8: hand-over). */
  readonly seed: string;
}

/** A device as it is kept: an entry of the keystore. */
export type DeviceDocument = KeystoreDevice;

const own = documents<OwnDevice>("own-device");
const devices = documents<DeviceDocument>("devices");
const ONLY = "self";
const DEVICE_ID_BYTES = 16;
/** What the device is called on which an account was opened, unless its owner says another name. */
export const FIRST_DEVICE = "first device";

/** This device; null before it made its key. */
export async function ownDevice(reader: StorageReader): Promise<OwnDevice | null> {
  return await own.get(reader, ONLY);
}

/** Throws TypeError for a name that no keystore takes. */
export function assertDeviceName(name: string): void {
  if (name.trim() === "" || name.length > MAX_DEVICE_NAME_LENGTH) {
    throw new TypeError(`a device's name has 1 to ${MAX_DEVICE_NAME_LENGTH} characters`);
  }
}

/** Makes this device's key and entry, as part of a transaction. The keystore has to be saved for others to see it. */
export function makeOwnDevice(writer: StorageWriter, name: string, now: Timestamp, random: RandomBytes): DeviceDocument {
  assertDeviceName(name);
  const seed = random(32);
  const device = { id: toHex(random(DEVICE_ID_BYTES)), name, public_key: toB64(xWingPublicKey(seed)), added_at: now };
  own.put(writer, ONLY, { id: device.id, seed: toB64(seed) });
  putDevice(writer, device);
  return device;
}

/** All devices of the owner, by the time that they were added. */
export async function listDevices(reader: StorageReader): Promise<readonly DeviceDocument[]> {
  const all = (await devices.list(reader)).map(({ document }) => document);
  return all.toSorted((a, b) => (a.added_at === b.added_at ? (a.id < b.id ? -1 : 1) : a.added_at < b.added_at ? -1 : 1));
}

/** As many as a keystore holds, the oldest: two that were linked at the same moment must not make it unreadable. */
export async function sharedDevices(reader: StorageReader): Promise<readonly DeviceDocument[]> {
  return (await listDevices(reader)).slice(0, MAX_DEVICES);
}

/** Stores an entry. */
export function putDevice(writer: StorageWriter, device: DeviceDocument): void {
  devices.put(writer, device.id, device);
}

/** Takes an entry out; the tombstone is the caller's. */
export function deleteDevice(writer: StorageWriter, id: string): void {
  devices.delete(writer, id);
}

/** Gives this device its key where it has none: its account was opened before devices had names. */
export async function assureDevice(writer: StorageWriter, now: Timestamp, random: RandomBytes): Promise<void> {
  if ((await ownDevice(writer)) !== null) return;
  makeOwnDevice(writer, FIRST_DEVICE, now, random);
  await markDirty(writer);
}
