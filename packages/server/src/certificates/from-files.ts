import { readFile } from "node:fs/promises";
import { describeError } from "../describe-error.ts";
import { TLS_VERSION, type CertificateParts, type Certificates, type Reloadable } from "./certificates.ts";
import { isAlarming } from "./due.ts";
import { checkPair, PairError } from "./pair.ts";
import type { TlsFiles, TlsIdentity } from "./tls-source.ts";

/** Milliseconds between two looks at the files. */
const LOOK_MILLISECONDS = 30_000;

/** Certificates that somebody else renews: new ones are taken over within half a minute, and those that can't be used are not. */
export async function createFileCertificates(
  files: TlsFiles,
  { clock, log }: Pick<CertificateParts, "clock" | "log">,
): Promise<Certificates> {
  let current = await readPair(files);
  let validity = checkPair(current);
  let server: Reloadable | null = null;
  let refused = "";
  let warned = "";

  async function look(): Promise<void> {
    try {
      const next = await readPair(files);
      const isNew = next.key !== current.key || next.certificate !== current.certificate;
      const text = `${next.key}${next.certificate}`;
      if (isNew && text !== refused) {
        // Between the writing of one file and of the other they don't belong together: the next look finds them whole.
        refused = text;
        const nextValidity = checkPair(next);
        server?.setSecureContext({ key: next.key, cert: next.certificate, minVersion: TLS_VERSION });
        [current, validity] = [next, nextValidity];
        log.info({ not_after: validity.notAfter }, "certificate read anew");
      }
    } catch (error) {
      log.warn({ error: error instanceof PairError ? error.message : describeError(error) }, "certificate files can't be used");
    }
    if (isAlarming(validity, clock()) && warned !== validity.notAfter) {
      warned = validity.notAfter;
      log.error({ not_after: validity.notAfter }, "the certificate ends soon, and its files have not changed");
    }
  }

  let looking: Promise<void> = Promise.resolve();
  const lookAgain = async (): Promise<void> => await (looking = looking.then(look));
  const timer = setInterval(() => void lookAgain(), LOOK_MILLISECONDS);
  timer.unref();
  return {
    options: { key: current.key, cert: current.certificate, minVersion: TLS_VERSION },
    follow: async (given) => {
      server = given;
      await lookAgain();
    },
    look: lookAgain,
    close: async () => {
      clearInterval(timer);
      await looking;
    },
  };
}

async function readPair({ keyFile, certificateFile }: TlsFiles): Promise<TlsIdentity> {
  const [key, certificate] = await Promise.all([readFile(keyFile, "utf8"), readFile(certificateFile, "utf8")]);
  return { key, certificate };
}
