import { createHash, X509Certificate } from "node:crypto";
import type { Network } from "./network.ts";

/** Headless or not, a Chromium that speaks to nobody but whom it is told to. */
const QUIET = [
  "--disable-quic",
  "--no-first-run",
  "--no-default-browser-check",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];

/** Where Chromium is: the environment's CHROMIUM, or where Debian puts it. */
export function chromiumPath(): string {
  return process.env["CHROMIUM"] ?? "/usr/bin/chromium";
}

/**
 * Arguments with which a Chromium finds a network's servers and trusts them: where their names lead, and their keys, since it knows
 * nothing of an authority that lives for one network. Servers that are added later are not among them; `certificates` are those of others
 * that it shall trust.
 */
export function chromiumArguments(network: Network, certificates: readonly string[] = []): readonly string[] {
  const places = Object.entries(network.developmentNetwork().hosts).map(([host, address]) => `MAP ${host}:443 ${address}`);
  const trusted = new Set([...network.servers.map(({ config }) => config.tls.certificate), ...certificates]);
  const keys = [...trusted].map((certificate) => {
    const key = new X509Certificate(certificate).publicKey.export({ type: "spki", format: "der" });
    return createHash("sha256").update(key).digest("base64");
  });
  return [...QUIET, `--host-resolver-rules=${places.join(", ")}`, `--ignore-certificate-errors-spki-list=${keys.join(",")}`];
}

/** For a Chromium that root runs without a screen, as in tests. */
export const HEADLESS_ARGUMENTS: readonly string[] = ["--no-sandbox", "--disable-gpu"];
