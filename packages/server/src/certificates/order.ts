import { Agent } from "node:https";
import acme from "acme-client";
import type { Challenges } from "./challenges.ts";
import type { CertificateFiles } from "./stored.ts";
import type { AcmeSettings, TlsIdentity } from "./tls-source.ts";

/** Milliseconds that one answer of an authority is waited for. */
const ANSWER_MILLISECONDS = 30_000;

/** Gets certificates from an authority. */
export interface Orders {
  /** A new key and its certificate for one name. Throws the library's errors, whose messages say what the authority said. */
  order(name: string): Promise<TlsIdentity>;
}

/** Orders at one authority, with an account that is opened at the first. */
export function createOrders(settings: AcmeSettings, files: CertificateFiles, challenges: Challenges): Orders {
  const { directory, email, challenge: kind, ca } = settings;
  acme.axios.defaults.timeout = ANSWER_MILLISECONDS;
  if (ca !== null) acme.axios.defaults.httpsAgent = new Agent({ ca });

  async function accountKey(): Promise<string> {
    const known = await files.accountKey();
    if (known !== null) return known;
    const fresh = (await acme.crypto.createPrivateEcdsaKey()).toString();
    await files.putAccountKey(fresh);
    return fresh;
  }

  return {
    order: async (name) => {
      const client = new acme.Client({ directoryUrl: directory, accountKey: await accountKey() });
      const key = (await acme.crypto.createPrivateEcdsaKey()).toString();
      const [, csr] = await acme.crypto.createCsr({ commonName: name, altNames: [name] }, key);
      const ends = new Map<string, () => void>();
      try {
        const certificate = await client.auto({
          csr,
          ...(email === null ? {} : { email }),
          termsOfServiceAgreed: true,
          challengePriority: [kind],
          // The authority looks from outside: from here it would say nothing.
          skipChallengeVerification: true,
          challengeCreateFn: async (authorization, challenge, proof) => {
            if (challenge.type !== kind) throw new Error(`the authority offers no ${kind} for ${name}`);
            if (kind === "http-01") ends.set(challenge.url, challenges.proveToken(challenge.token, proof));
            else {
              const [proofKey, proofCertificate] = await acme.crypto.createAlpnCertificate(authorization, proof);
              const identity = { key: proofKey.toString(), certificate: proofCertificate.toString() };
              ends.set(challenge.url, challenges.proveName(authorization.identifier.value, identity));
            }
          },
          challengeRemoveFn: async (_authorization, challenge) => {
            ends.get(challenge.url)?.();
            await Promise.resolve();
          },
        });
        return { key, certificate };
      } finally {
        for (const end of ends.values()) end();
      }
    },
  };
}
