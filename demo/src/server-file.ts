import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { NetworkServer } from "@smimp/testkit";

/** Only whoever runs a server may read its key. */
const PRIVATE_FILE = 0o600;

/**
 * Writes the configuration of a server that runs, as `smimp account --config` and `smimp serve --config` read it, with key and
 * certificate beside it. Resolves with the file's path.
 */
export async function writeServerFile({ domain, config, port }: NetworkServer, folder: string): Promise<string> {
  const place = (ending: string): string => join(folder, `${domain}.${ending}`);
  const settings = {
    name: config.name,
    baseUrl: config.baseUrl,
    domains: config.domains,
    dataDir: config.dataDir,
    host: config.listen.host,
    port,
    tlsKeyFile: place("key.pem"),
    tlsCertificateFile: place("certificate.pem"),
  };
  await writeFile(settings.tlsKeyFile, config.tls.key, { mode: PRIVATE_FILE });
  await writeFile(settings.tlsCertificateFile, config.tls.certificate);
  await writeFile(place("json"), `${JSON.stringify(settings, null, 2)}\n`);
  return place("json");
}
