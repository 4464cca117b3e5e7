import { BlockList, isIP } from "node:net";

// Every range that is not a public unicast address (IANA's special-purpose registries), and those that carry an IPv4
// address inside an IPv6 one, through which any of the former could be reached.
const IPV4: readonly (readonly [string, number])[] = [
  ["0.0.0.0", 8],
  ["10.0.0.0", 8],
  ["100.64.0.0", 10],
  ["127.0.0.0", 8],
  ["169.254.0.0", 16],
  ["172.16.0.0", 12],
  ["192.0.0.0", 24],
  ["192.0.2.0", 24],
  ["192.31.196.0", 24],
  ["192.52.193.0", 24],
  ["192.88.99.0", 24],
  ["192.168.0.0", 16],
  ["192.175.48.0", 24],
  ["198.18.0.0", 15],
  ["198.51.100.0", 24],
  ["203.0.113.0", 24],
  ["224.0.0.0", 4],
  ["240.0.0.0", 4],
];

// Of IPv6 only 2000::/3 is handed out as public unicast; these parts of it are not.
const IPV6: readonly (readonly [string, number])[] = [
  ["2001::", 23],
  ["2001:db8::", 32],
  ["2002::", 16],
  ["2620:4f:8000::", 48],
  ["3fff::", 20],
];

const special = new BlockList();
for (const [address, prefix] of IPV4) special.addSubnet(address, prefix, "ipv4");
for (const [address, prefix] of IPV6) special.addSubnet(address, prefix, "ipv6");

const globalUnicast = new BlockList();
globalUnicast.addSubnet("2000::", 3, "ipv6");

/** Whether an IP address is a public one, that requests on behalf of strangers may go to (protocol section 5). */
export function isPublicAddress(ip: string): boolean {
  switch (isIP(ip)) {
    case 4:
      return !special.check(ip, "ipv4");
    case 6:
      return globalUnicast.check(ip, "ipv6") && !special.check(ip, "ipv6");
    default:
      return false;
  }
}
