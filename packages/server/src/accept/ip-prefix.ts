import { isIPv4, isIPv6 } from "node:net";

/** Groups of an IPv6 address that make one site: /64. */
const IPV6_SITE_GROUPS = 4;
/** Groups of an IPv6 address that its holder's provider gives out as one: /48. */
const IPV6_PREFIX_GROUPS = 3;

/** The network that a remote address is counted under (protocol section 7): IPv4 /24, IPv6 /48, as text. */
export function ipPrefix(remoteAddress: string): string {
  return prefixOf(remoteAddress, 3, IPV6_PREFIX_GROUPS);
}

/** Who a remote address stands for where connections and memory are shared out: an IPv4 address, an IPv6 /64, for a host has all of that. */
export function peerOf(remoteAddress: string): string {
  return prefixOf(remoteAddress, 4, IPV6_SITE_GROUPS);
}

function prefixOf(remoteAddress: string, ipv4Bytes: number, ipv6Groups: number): string {
  const mapped = /^::ffff:([0-9.]+)$/i.exec(remoteAddress)?.[1];
  const address = mapped ?? remoteAddress;
  if (isIPv4(address))
    return [...address.split(".").slice(0, ipv4Bytes), ...Array(4 - ipv4Bytes).fill("0")].join(".") + `/${ipv4Bytes * 8}`;
  if (!isIPv6(address)) return "unknown";
  const [left = "", right = ""] = (address.split("%")[0] ?? "").split("::");
  const before = left === "" ? [] : left.split(":");
  const after = right === "" ? [] : right.split(":");
  const zeros = address.includes("::") ? Array.from({ length: Math.max(0, 8 - before.length - after.length) }, () => "0") : [];
  const groups = [...before, ...zeros, ...after].slice(0, ipv6Groups).map((group) => Number.parseInt(group, 16).toString(16));
  return `${groups.join(":")}::/${ipv6Groups * 16}`;
}
