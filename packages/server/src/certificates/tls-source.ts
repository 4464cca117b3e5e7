import type { Domain } from "@smimp/protocol";

/** A key and its certificate chain, both PEM. */
export interface TlsIdentity {
  readonly key: string;
  readonly certificate: string;
}

/** PEM files that somebody else renews: they are read again when they change. */
export interface TlsFiles {
  readonly keyFile: string;
  readonly certificateFile: string;
}

/** How the server shows an authority that a name is its own: on its own port (RFC 8737), or on port 80 (RFC 8555, section 8.3). */
export type ChallengeKind = "tls-alpn-01" | "http-01";

/** Certificates that the server gets and renews by itself (ACME, RFC 8555). */
export interface AcmeSettings {
  /** URL of the authority's directory. */
  readonly directory: string;
  /** Names that a certificate is got for, each its own; the first is that of the base URL. */
  readonly names: readonly [Domain, ...Domain[]];
  /** Whom the authority may write to. */
  readonly email: string | null;
  readonly challenge: ChallengeKind;
  /** Where `http-01` is answered. */
  readonly http: { readonly host: string; readonly port: number };
  /** PEM of the authority's own certificate, where the platform doesn't know it. */
  readonly ca: string | null;
}

/** A proxy that speaks TLS in the server's place: what comes from these addresses, and nothing else, is taken as it is. */
export interface ProxySettings {
  /** Addresses or networks, e.g. `127.0.0.1` or `10.0.0.0/8`. */
  readonly from: readonly string[];
}

/** Who speaks TLS, and where the certificates are from. */
export type TlsSource = TlsIdentity | TlsFiles | { readonly acme: AcmeSettings } | { readonly proxy: ProxySettings };

/** Let's Encrypt. */
export const DEFAULT_DIRECTORY = "https://acme-v02.api.letsencrypt.org/directory";
