import { Agent, get } from "node:https";
import acme from "acme-client";
import type { Challenges } from "./challenges.ts";
import type { CertificateFiles } from "./stored.ts";
import type { AcmeSettings, TlsIdentity } from "./tls-source.ts";

/** Milliseconds that one answer of an authority is waited for. */
const ANSWER_MILLISECONDS = 30_000;
/** Bytes of its longest answer. */
const MOST_BYTES = 1024 * 1024;
/** Milliseconds for all of an order. */
const ORDER_MILLISECONDS = 10 * 60 * 1000;

/** Gets certificates from an authority. */
export interface Orders {
  /** A new key and its certificate for one name. Throws the library's errors, whose messages say what the authority said. */
  order(name: string): Promise<TlsIdentity>;
}

/** Orders at one authority, with an account that is opened at the first. */
export function createOrders(settings: AcmeSettings, files: CertificateFiles, challenges: Challenges): Orders {
  const { directory, email, challenge: kind, ca } = settings;
  // Attempts are counted and spaced here: the library would wait for as long as an authority says, and nobody would know.
  Object.assign((acme.axios.defaults as unknown as { acmeSettings: object }).acmeSettings, { retryMaxAttempts: 0 });
  Object.assign(acme.axios.defaults, { timeout: ANSWER_MILLISECONDS, maxContentLength: MOST_BYTES, maxRedirects: 0 });
  acme.axios.defaults.httpsAgent = new Agent(ca === null ? {} : { ca });

  async function accountKey(): Promise<string> {
    const known = await files.accountKey();
    if (known !== null) return known;
    const fresh = (await acme.crypto.createPrivateEcdsaKey()).toString();
    await files.putAccountKey(fresh);
    return fresh;
  }

  return {
    order: async (name) => {
      await assertReachable(directory, ca);
      return await within(ORDER_MILLISECONDS, attempt(name));
    },
  };

  async function attempt(name: string): Promise<TlsIdentity> {
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
    } catch (error) {
      // What the library makes of a connection that breaks off.
      if (error instanceof TypeError) throw new Error("the connection to the authority broke off", { cause: error });
      throw error;
    } finally {
      for (const end of ends.values()) end();
    }
  }
}

/** Says in plain words that an authority can't be reached, which the library doesn't. */
async function assertReachable(directory: string, ca: string | null): Promise<void> {
  const { host } = new URL(directory);
  await new Promise<void>((resolve, reject) => {
    const fail = (why: string): void => reject(new Error(`the authority at ${host} can't be reached: ${why}`));
    const asked = get(directory, { ...(ca === null ? {} : { ca }), agent: false, timeout: ANSWER_MILLISECONDS }, (answer) => {
      answer.resume();
      resolve();
    });
    asked.on("error", (error) => fail("code" in error ? String(error.code) : error.message));
    asked.on("timeout", () => {
      fail("no answer");
      asked.destroy();
    });
  });
}

async function within<Result>(milliseconds: number, work: Promise<Result>): Promise<Result> {
  const late = Promise.withResolvers<never>();
  const timer = setTimeout(() => late.reject(new Error("the authority did not finish in time")), milliseconds);
  timer.unref();
  try {
    return await Promise.race([work, late.promise]);
  } finally {
    clearTimeout(timer);
  }
}
