import { readFile } from "node:fs/promises";
import { hostOf, type Clock, type Timestamp } from "@smimp/protocol";
import type { ServerConfig } from "../config.ts";
import { isAlarming } from "./due.ts";
import { checkPair, PairError } from "./pair.ts";
import { certificateFiles, type CertificateStatus } from "./stored.ts";

/** How it stands with a certificate, for an operator. */
export interface CertificateReport {
  readonly name: string;
  /** Null: there is none. */
  readonly notAfter: Timestamp | null;
  /** When the server renews it, or tries again; null where somebody else does. */
  readonly nextAttemptAt: Timestamp | null;
  /** Attempts in a row that failed. */
  readonly failures: number;
  /** What the last attempt failed of, or what is wrong with the files. */
  readonly error: string | null;
  /** Somebody has to look after it. */
  readonly alarming: boolean;
}

/** What the certificates of a server are like now, read beside it from what it keeps; none where a proxy has them. */
export async function reportCertificates({ tls, dataDir, baseUrl }: ServerConfig, clock: Clock): Promise<readonly CertificateReport[]> {
  const now = clock();
  if ("acme" in tls) {
    const known = new Map<string, CertificateStatus>((await certificateFiles(dataDir).status()).map((status) => [status.name, status]));
    return tls.acme.names.map((name) => {
      const { notBefore = null, notAfter = null, nextAttemptAt = null, failures = 0, error = null } = known.get(name) ?? {};
      const validity = notBefore === null || notAfter === null ? null : { notBefore, notAfter };
      return { name, notAfter, nextAttemptAt, failures, error, alarming: isAlarming(validity, now) };
    });
  }
  if ("proxy" in tls) return [];
  const name = hostOf(baseUrl);
  const nobody = { name, nextAttemptAt: null, failures: 0 };
  try {
    const identity =
      "keyFile" in tls ? { key: await readFile(tls.keyFile, "utf8"), certificate: await readFile(tls.certificateFile, "utf8") } : tls;
    const validity = checkPair(identity, name);
    return [{ ...nobody, notAfter: validity.notAfter, error: null, alarming: isAlarming(validity, now) }];
  } catch (error) {
    if (!(error instanceof PairError)) throw error;
    return [{ ...nobody, notAfter: null, error: error.message, alarming: true }];
  }
}
