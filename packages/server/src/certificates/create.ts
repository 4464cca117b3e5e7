import type { CertificateParts, Certificates } from "./certificates.ts";
import { createFileCertificates } from "./from-files.ts";
import { createFixedCertificate } from "./fixed.ts";
import type { TlsSource } from "./tls-source.ts";

/** The certificates of a source. Throws `PairError` for files that can't be used at the start. */
export async function createCertificates(source: TlsSource, parts: CertificateParts): Promise<Certificates> {
  if ("acme" in source) {
    // With all that it brings along, for those alone who need it.
    const { createAcmeCertificates } = await import("./acme.ts");
    return await createAcmeCertificates(source.acme, parts);
  }
  // The certificate is the proxy's affair.
  if ("proxy" in source) return { options: {}, follow: nothing, look: nothing, close: nothing };
  return "keyFile" in source ? await createFileCertificates(source, parts) : createFixedCertificate(source);
}

const nothing = async (): Promise<void> => await Promise.resolve();
