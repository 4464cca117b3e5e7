import { BlockList, isIP } from "node:net";

// The special-purpose registries of IANA (RFC 6890 and successors), and addresses that clouds answer on inside only.
const SPECIAL_IPV4: readonly (readonly [address: string, prefix: number])[] = [
  ["0.0.0.0", 8], // this network
  ["10.0.0.0", 8], // private
  ["100.64.0.0", 10], // carrier-grade NAT
  ["127.0.0.0", 8], // loopback
  ["168.63.129.16", 32], // Azure's host, public by form only
  ["169.254.0.0", 16], // link-local, metadata services
  ["172.16.0.0", 12], // private
  ["192.0.0.0", 24], // protocol assignments, DS-Lite, metadata
  ["192.0.2.0", 24], // documentation
  ["192.88.99.0", 24], // 6to4 relays
  ["192.168.0.0", 16], // private
  ["198.18.0.0", 15], // benchmarks
  ["198.51.100.0", 24], // documentation
  ["203.0.113.0", 24], // documentation
  ["224.0.0.0", 4], // multicast
  ["240.0.0.0", 4], // reserved, broadcast
];

// Of IPv6 only global unicast is public. That alone refuses loopback, mapped addresses (::ffff:0:0/96), NAT64
// (64:ff9b::/96 and 64:ff9b:1::/48), unique local, link-local, site-local and multicast.
const GLOBAL_IPV6 = ["2000::", 3] as const;
const SPECIAL_IPV6: readonly (readonly [address: string, prefix: number])[] = [
  ["2001::", 23], // protocol assignments: Teredo, ORCHID, benchmarks
  ["2001:db8::", 32], // documentation
  ["2002::", 16], // 6to4: an IPv4 address, maybe a private one, in disguise
  ["3fff::", 20], // documentation
];

const special = new BlockList();
for (const [address, prefix] of SPECIAL_IPV4) special.addSubnet(address, prefix, "ipv4");
for (const [address, prefix] of SPECIAL_IPV6) special.addSubnet(address, prefix, "ipv6");
const globalIpv6 = new BlockList();
globalIpv6.addSubnet(...GLOBAL_IPV6, "ipv6");

/**
 * Whether requests to strangers may go to an IP address: public unicast only (protocol section 5). Anything that isn't
 * an address in plain notation, or has a zone, is not.
 */
export function isPublicAddress(address: string): boolean {
  if (address.includes("%")) return false;
  switch (isIP(address)) {
    case 4:
      return !special.check(address, "ipv4");
    case 6:
      return globalIpv6.check(address, "ipv6") && !special.check(address, "ipv6");
    default:
      return false;
  }
}
