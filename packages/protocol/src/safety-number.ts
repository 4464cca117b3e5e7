import type { Address } from "./address.ts";
import { concat, fromHex, hash, utf8, type Hex32 } from "./bytes.ts";

/** One side of a safety number: an address and the link of the latest record that set or changed a key. */
export interface SafetyNumberSide {
  readonly address: Address;
  readonly keyLink: Hex32;
}

const GROUPS = 6;
const GROUP_BYTES = 5;

/** The 60 digits that two people compare; the same for both (protocol section 3). */
export function safetyNumber(a: SafetyNumberSide, b: SafetyNumberSide): string {
  const [first, second] = a.address < b.address ? [a, b] : [b, a];
  return half(first) + half(second);
}

function half({ address, keyLink }: SafetyNumberSide): string {
  const bytes = hash(concat(utf8("smimp/1.0 safety"), 0, utf8(address), 0, fromHex(keyLink, 32)));
  let digits = "";
  for (let group = 0; group < GROUPS; group++) {
    let value = 0;
    for (const byte of bytes.subarray(group * GROUP_BYTES, (group + 1) * GROUP_BYTES)) value = value * 256 + byte;
    digits += String(value % 100_000).padStart(5, "0");
  }
  return digits;
}
