import { createPrivateKey, X509Certificate } from "node:crypto";
import { createSecureContext } from "node:tls";
import { parseTimestamp, timestampOf, type Timestamp } from "@smimp/protocol";
import type { TlsIdentity } from "./tls-source.ts";

/** From when until when a certificate is valid. */
export interface Validity {
  readonly notBefore: Timestamp;
  readonly notAfter: Timestamp;
}

/** A key and a certificate that can't be used; the message says why, in words for an operator. */
export class PairError extends Error {
  override readonly name = "PairError";
}

/** Looks at a key and its certificate: whether they belong together, and to `host` where one is given. Throws `PairError`. */
export function checkPair({ key, certificate }: TlsIdentity, host?: string): Validity {
  const leaf = attempt(() => new X509Certificate(certificate), "the certificate is no PEM that can be read");
  const privateKey = attempt(() => createPrivateKey(key), "the key is no PEM that can be read");
  if (!leaf.checkPrivateKey(privateKey)) throw new PairError("key and certificate don't belong together");
  // All of the chain, and not only the first of it.
  attempt(() => createSecureContext({ key, cert: certificate }), "the certificate's chain can't be used");
  if (host !== undefined && leaf.checkHost(host) === undefined) throw new PairError(`the certificate is not for ${host}`);
  return { notBefore: timeOf(leaf.validFromDate), notAfter: timeOf(leaf.validToDate) };
}

function attempt<Result>(work: () => Result, otherwise: string): Result {
  try {
    return work();
  } catch {
    throw new PairError(otherwise);
  }
}

function timeOf(date: Date): Timestamp {
  return parseTimestamp(timestampOf(Math.floor(date.getTime() / 1000)));
}
