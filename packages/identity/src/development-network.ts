import { readFile } from "node:fs/promises";
import { parseDomain, parseJsonBytes } from "@smimp/protocol";

/**
 * Names that exist on this machine only, for development and tests: the one way past the rule that requests go to
 * public addresses (protocol section 5). Certificates are verified as ever, with the real host name, against `ca`.
 */
export interface DevelopmentNetwork {
  /** The certificate authority that vouches for these hosts, PEM. */
  readonly ca: string;
  /** Host name to loopback address with port, e.g. `smimp.alpha.example` to `127.0.0.1:8443`. */
  readonly hosts: Readonly<Record<string, string>>;
}

/** A loopback address and port. */
export interface LoopbackTarget {
  readonly address: string;
  readonly port: number;
}

const TARGET = /^(127(?:\.(?:25[0-5]|2[0-4][0-9]|1?[0-9]?[0-9])){3}|\[::1\]):([1-9][0-9]{0,4})$/;

/** Reads a development network from a JSON file. Throws TypeError that names what is wrong, or the file system's error. */
export async function readDevelopmentNetwork(file: string): Promise<DevelopmentNetwork> {
  const bytes = await readFile(file);
  let value: unknown;
  try {
    value = parseJsonBytes(bytes);
  } catch (cause) {
    throw new TypeError(`${file} is not JSON`, { cause });
  }
  return parseDevelopmentNetwork(value);
}

/** Checks a development network. Throws TypeError that names what is wrong. */
export function parseDevelopmentNetwork(value: unknown): DevelopmentNetwork {
  const { ca, hosts } = (value ?? {}) as Partial<Record<"ca" | "hosts", unknown>>;
  if (typeof ca !== "string" || !ca.includes("-----BEGIN CERTIFICATE-----")) {
    throw new TypeError("development network: ca must be a PEM certificate");
  }
  if (typeof hosts !== "object" || hosts === null) throw new TypeError("development network: hosts must be an object");
  for (const [host, target] of Object.entries(hosts)) {
    if (!isNormalDomain(host)) throw new TypeError(`development network: ${host} is not a host name`);
    parseTarget(host, target);
  }
  return { ca, hosts: { ...(hosts as Record<string, string>) } };
}

/** Where a development network sends connections for a host on port 443; null for every other host. */
export function loopbackTarget(network: DevelopmentNetwork | undefined, host: string, port: number): LoopbackTarget | null {
  if (network === undefined || port !== 443 || !Object.hasOwn(network.hosts, host)) return null;
  return parseTarget(host, network.hosts[host]);
}

function parseTarget(host: string, target: unknown): LoopbackTarget {
  const [, address, port] = (typeof target === "string" && TARGET.exec(target)) || [];
  if (address === undefined || Number(port) > 65_535) {
    throw new TypeError(`development network: ${host} must map to a loopback address and port like 127.0.0.1:8443`);
  }
  return { address: address.replace(/^\[|\]$/g, ""), port: Number(port) };
}

function isNormalDomain(host: string): boolean {
  try {
    return parseDomain(host) === host;
  } catch {
    return false;
  }
}
