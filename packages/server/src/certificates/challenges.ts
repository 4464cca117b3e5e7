import { createSecureContext, type SecureContext } from "node:tls";
import type { TlsIdentity } from "./tls-source.ts";

/** The protocol of a handshake in which an authority asks for proof (RFC 8737). */
export const ACME_TLS = "acme-tls/1";

/** What an authority may be asking for just now. */
export interface Challenges {
  /** Answers handshakes for a name with this certificate; returns how to end that. */
  proveName(name: string, identity: TlsIdentity): () => void;
  /** Answers requests for a token with this text; returns how to end that. */
  proveToken(token: string, text: string): () => void;
  contextOf(name: string): SecureContext | null;
  textOf(token: string): string | null;
}

/** None, to begin with. */
export function createChallenges(): Challenges {
  const contexts = new Map<string, SecureContext>();
  const texts = new Map<string, string>();
  return {
    proveName: (name, { key, certificate }) => {
      contexts.set(name, createSecureContext({ key, cert: certificate, minVersion: "TLSv1.3" }));
      return () => void contexts.delete(name);
    },
    proveToken: (token, text) => {
      texts.set(token, text);
      return () => void texts.delete(token);
    },
    contextOf: (name) => contexts.get(name.toLowerCase()) ?? null,
    textOf: (token) => texts.get(token) ?? null,
  };
}
