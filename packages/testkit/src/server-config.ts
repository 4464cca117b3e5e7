import { parseBaseUrl, type BaseUrl } from "@smimp/protocol";
import type { ServerConfig, TlsIdentity } from "@smimp/server";
import type { Authority } from "./authority.ts";

/** The configuration of a server that has its certificate from a test authority. */
export type TestServerConfig = Omit<ServerConfig, "tls"> & { readonly tls: TlsIdentity };

/** The base URL of a test domain's server: `https://smimp.<domain>/`. */
export function baseUrlOf(domain: string): BaseUrl {
  return parseBaseUrl(`https://smimp.${domain}/`);
}

/** Both names that a domain's server answers to: its own, and the domain's for `smimp.txt`. */
export function hostsOf(domain: string): readonly [string, string] {
  return [`smimp.${domain}`, domain];
}

/** The configuration of a test domain's server on loopback, port 0 unless given, certificate from `authority`. */
export function testServerConfig(options: {
  readonly domain: string;
  readonly authority: Authority;
  readonly dataDir: string;
  readonly port?: number;
  readonly overrides?: Partial<TestServerConfig>;
}): TestServerConfig {
  const { domain, authority, dataDir, port = 0, overrides = {} } = options;
  return {
    name: domain,
    baseUrl: baseUrlOf(domain),
    domains: [domain],
    dataDir,
    listen: { host: "127.0.0.1", port },
    tls: authority.issue({ hosts: hostsOf(domain) }),
    ...overrides,
  };
}
