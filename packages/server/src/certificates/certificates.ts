import type { Clock, RandomBytes } from "@smimp/protocol";
import type { SecureServerOptions } from "node:http2";
import type { SecureContextOptions } from "node:tls";
import type { Logger } from "pino";

/** The oldest TLS that is spoken (protocol section 2). */
export const TLS_VERSION = "TLSv1.3";

/** What takes a new certificate without dropping a connection. */
export interface Reloadable {
  setSecureContext(options: SecureContextOptions): void;
}

/** A server's certificates, for as long as it runs. */
export interface Certificates {
  /** What the server is made with. */
  readonly options: Pick<SecureServerOptions, "key" | "cert" | "minVersion" | "ALPNCallback" | "SNICallback">;
  /** From here on `server` has whatever is newest; called once it listens. */
  follow(server: Reloadable): Promise<void>;
  /** Looks at once for what is new or due, and tries again what failed, at most once a minute. */
  look(): Promise<void>;
  close(): Promise<void>;
}

/** What certificates work with. */
export interface CertificateParts {
  readonly dataDir: string;
  /** The host of the base URL. */
  readonly host: string;
  readonly clock: Clock;
  readonly random: RandomBytes;
  readonly log: Logger;
}
