import { TLS_VERSION, type Certificates } from "./certificates.ts";
import type { TlsIdentity } from "./tls-source.ts";

/** One certificate that stays as it is. */
export function createFixedCertificate({ key, certificate }: TlsIdentity): Certificates {
  return {
    options: { key, cert: certificate, minVersion: TLS_VERSION },
    follow: async () => await Promise.resolve(),
    look: async () => await Promise.resolve(),
    close: async () => await Promise.resolve(),
  };
}
