import type { Lookup } from "@smimp/identity/guarded-fetch";

/** A look-up whose answers change: the first question gets the first list, and so on; the last one stays. */
export function changingLookup(...answers: readonly (readonly string[])[]): Lookup & { readonly asked: readonly string[] } {
  const asked: string[] = [];
  const lookup: Lookup = async (host) => {
    const list = answers[Math.min(asked.length, answers.length - 1)] ?? [];
    asked.push(host);
    return await Promise.resolve(list.map((address) => ({ address, family: address.includes(":") ? 6 : 4 })));
  };
  return Object.assign(lookup, { asked });
}

/** Addresses that no federation request may ever reach (protocol section 5), one of each kind and of each disguise. */
export const FORBIDDEN_ADDRESSES: readonly string[] = [
  "127.0.0.1",
  "127.8.9.10",
  "0.0.0.0",
  "10.0.0.1",
  "172.16.0.1",
  "192.168.1.1",
  "100.64.0.1",
  "169.254.1.1",
  "169.254.169.254",
  "192.0.0.8",
  "192.0.2.1",
  "198.18.0.1",
  "198.51.100.1",
  "203.0.113.1",
  "224.0.0.1",
  "240.0.0.1",
  "255.255.255.255",
  "::",
  "::1",
  "::ffff:127.0.0.1",
  "::ffff:10.0.0.1",
  "64:ff9b::7f00:1",
  "64:ff9b:1::a00:1",
  "2002:7f00:1::",
  "2002:a00:1::1",
  "2001::1",
  "2001:db8::1",
  "fc00::1",
  "fd00:ec2::254",
  "fe80::1",
  "fec0::1",
  "ff02::1",
];
