import { BlockList, isIP } from "node:net";

/** Whether a text names an address, or a network such as `10.0.0.0/8`. */
export function isAddressOrNetwork(text: string): boolean {
  const [address = "", bits, ...more] = text.split("/");
  const family = isIP(address);
  if (family === 0 || more.length > 0) return false;
  return bits === undefined || (/^\d{1,3}$/.test(bits) && Number(bits) <= (family === 4 ? 32 : 128));
}

/** Says of an address whether it is one of these proxies'. An IPv4 address that comes as an IPv6 one (`::ffff:127.0.0.1`) is the same. */
export function trustedProxies(from: readonly string[]): (address: string) => boolean {
  const list = new BlockList();
  for (const each of from) {
    const [address = "", bits] = each.split("/");
    const family = isIP(address) === 4 ? "ipv4" : "ipv6";
    list.addSubnet(address, bits === undefined ? (family === "ipv4" ? 32 : 128) : Number(bits), family);
  }
  return (address) => {
    const plain = /^::ffff:([0-9.]+)$/i.exec(address)?.[1] ?? address;
    const family = isIP(plain);
    return family !== 0 && list.check(plain, family === 4 ? "ipv4" : "ipv6");
  };
}
