import type { Clock } from "@smimp/protocol";
import type { Server } from "node:http";
import { createSecureContext, type SecureContext, type TLSSocket } from "node:tls";
import type { Logger } from "pino";
import { describeError } from "../describe-error.ts";
import { TLS_VERSION, type CertificateParts, type Certificates, type Reloadable } from "./certificates.ts";
import { ACME_TLS, createChallenges } from "./challenges.ts";
import { firstRenewalAt, isAlarming, isDue, renewAt, retryAt } from "./due.ts";
import { createOrders } from "./order.ts";
import { checkPair, PairError, type Validity } from "./pair.ts";
import { listenOnPort80 } from "./port-80.ts";
import { certificateFiles, type CertificateStatus } from "./stored.ts";
import type { AcmeSettings, TlsIdentity } from "./tls-source.ts";

/** Milliseconds between two looks at what is due. */
const LOOK_MILLISECONDS = 60_000;
/** Milliseconds that an order under way is waited for when the server closes. */
const GOODBYE_MILLISECONDS = 1_000;
/** Characters of what an authority says that are logged. */
const MOST_WORDS = 500;

/** One name's certificate. */
interface Named {
  readonly name: string;
  identity: TlsIdentity | null;
  validity: Validity | null;
  context: SecureContext | null;
  /** Whether all of it is on the disk. */
  isStored: boolean;
  status: CertificateStatus;
}

/** Certificates that are got from an authority, each name's for itself, and renewed long before they end. */
export async function createAcmeCertificates(settings: AcmeSettings, parts: CertificateParts): Promise<Certificates> {
  const { clock, random, log, host } = parts;
  const files = certificateFiles(parts.dataDir);
  const challenges = createChallenges();
  const orders = createOrders(settings, files, challenges);
  const chance = (): number => (random(1)[0] ?? 0) / 255;
  const before = new Map((await files.status()).map((status) => [status.name, status]));
  const all = new Map<string, Named>();
  for (const name of settings.names) all.set(name, known(name, before.get(name) ?? null, await files.identity(name), clock));
  let server: Reloadable | null = null;
  let port80: Server | null = null;
  let closed = false;

  /** Has new connections use what a name has now; those that stand go on. */
  function use({ name, identity }: Named): void {
    if (name !== host || identity === null) return;
    server?.setSecureContext({ key: identity.key, cert: identity.certificate, minVersion: TLS_VERSION });
  }

  const contextFor = (name: string): SecureContext | undefined => all.get(name.toLowerCase())?.context ?? undefined;

  async function renew(named: Named): Promise<void> {
    const { name } = named;
    try {
      const identity = await orders.order(name);
      const validity = checkPair(identity, name);
      if (validity.notAfter <= clock())
        throw new PairError("the authority issued a certificate that has ended already: is the clock right?");
      Object.assign(named, { identity, validity, context: contextOf(identity), isStored: false });
      named.status = { name, ...validity, nextAttemptAt: firstRenewalAt(validity, clock(), chance()), failures: 0, error: null };
      use(named);
      log.info({ name, not_after: validity.notAfter, renew_at: named.status.nextAttemptAt }, "certificate obtained");
    } catch (error) {
      const failures = named.status.failures + 1;
      named.status = { ...named.status, failures, error: wordsOf(error), nextAttemptAt: retryAt(clock(), failures, chance()) };
      tell(log, named, clock);
    }
    await keep();
  }

  /** Writes what isn't on the disk yet. What isn't, is got again after the next start, and an authority gives only so many. */
  async function keep(): Promise<void> {
    try {
      for (const named of all.values()) {
        if (named.isStored || named.identity === null) continue;
        await files.putIdentity(named.name, named.identity);
        named.isStored = true;
      }
      if (!closed) await files.putStatus([...all.values()].map(({ status }) => status));
    } catch (error) {
      // Full, most likely: what was obtained is in use all the same, and written with the next look.
      log.error({ error: describeError(error) }, "certificates can't be written to the disk");
    }
  }

  async function look(again: boolean): Promise<void> {
    if ([...all.values()].some(({ isStored }) => !isStored)) await keep();
    for (const named of all.values()) {
      const { status } = named;
      // One after the other: an authority counts failures, and a look a minute is often enough.
      if (!closed && (isDue(status, clock()) || (again && status.failures > 0))) await renew(named);
    }
  }

  let looking: Promise<void> = Promise.resolve();
  const lookAgain = async (again = false): Promise<void> => {
    looking = looking
      .then(async () => await look(again))
      .catch((error: unknown) => log.error({ error: describeError(error) }, "certificates can't be looked after"));
    await looking;
  };
  let toldAt = -Infinity;
  let timer: NodeJS.Timeout | undefined;
  const own = all.get(host)?.identity ?? null;

  return {
    options: {
      ...(own === null ? {} : { key: own.key, cert: own.certificate }),
      minVersion: TLS_VERSION,
      // Of a name that has none, or that is none of the server's, the base URL's is shown. What is said here comes after what is said
      // below, and wins: while an authority may ask for proof, it is left to that.
      SNICallback: (name, done) => done(null, challenges.contextOf(name) === null ? contextFor(name) : undefined),
      ALPNCallback(this: TLSSocket, { servername, protocols }) {
        // Whoever names no host has none here, whatever the types say.
        const name = typeof servername === "string" ? servername : "";
        const proof = challenges.contextOf(name);
        const isProof = protocols.includes(ACME_TLS);
        const context = isProof ? proof : contextFor(name);
        if (proof !== null && context !== undefined && context !== null) this.setKeyCert(context);
        if (isProof) return proof === null ? undefined : ACME_TLS;
        return ["h2", "http/1.1"].find((each) => protocols.includes(each));
      },
    },
    follow: async (given) => {
      server = given;
      if (settings.challenge === "http-01") port80 = await listenOnPort80(settings.http, challenges, { baseUrl: `https://${host}/`, log });
      timer = setInterval(() => void lookAgain(), LOOK_MILLISECONDS);
      timer.unref();
      // Nobody waits for an authority: the port is open already, which is what it asks for.
      void lookAgain();
    },
    look: async () => {
      // Whoever asks again and again makes an authority refuse everything.
      const again = performance.now() - toldAt > LOOK_MILLISECONDS;
      if (again) toldAt = performance.now();
      await lookAgain(again);
    },
    close: async () => {
      closed = true;
      clearInterval(timer);
      port80?.closeAllConnections();
      await new Promise<void>((resolve) => (port80 === null ? resolve() : port80.close(() => resolve())));
      // An order can't be broken off: what it brings is kept, but nobody waits for it.
      await Promise.race([looking, new Promise<void>((resolve) => void setTimeout(resolve, GOODBYE_MILLISECONDS).unref())]);
    },
  };
}

/** What is known of a name at the start. A certificate that can't be used counts as none. */
function known(name: string, before: CertificateStatus | null, identity: TlsIdentity | null, clock: Clock): Named {
  const without = { name, identity: null, validity: null, context: null, isStored: true };
  const none = { name, notBefore: null, notAfter: null, nextAttemptAt: clock(), failures: 0, error: null };
  try {
    if (identity === null) return { ...without, status: before ?? none };
    const validity = checkPair(identity, name);
    const nextAttemptAt = before?.notAfter === validity.notAfter ? before.nextAttemptAt : renewAt(validity, 0);
    const status = { ...none, ...before, ...validity, nextAttemptAt };
    return { ...without, identity, validity, context: contextOf(identity), status };
  } catch {
    return { ...without, status: none };
  }
}

function contextOf({ key, certificate }: TlsIdentity): SecureContext {
  return createSecureContext({ key, cert: certificate, minVersion: TLS_VERSION });
}

/** A failure is a warning while there is time, and an alarm when there isn't. */
function tell(log: Logger, { name, validity, status }: Named, clock: Clock): void {
  const { error, failures, nextAttemptAt } = status;
  const said = { name, error, failures, next_attempt: nextAttemptAt, not_after: validity?.notAfter ?? null };
  if (isAlarming(validity, clock())) log.error(said, "no certificate: nobody can connect to this name, or soon nobody can");
  else log.warn(said, "certificate could not be renewed");
}

/** What an authority said, as far as it is text for a line of a log. */
function wordsOf(error: unknown): string {
  const words = error instanceof Error ? error.message : String(error);
  return words.replace(/[^\u0020-\u007e]+/g, " ").slice(0, MOST_WORDS);
}
