import { createHash, generateKeyPairSync, randomBytes, sign, type KeyObject } from "node:crypto";
import { bits, integer, objectIdentifier, octets, sequence, set, tagged, taggedPrimitive, time, toPem, utf8String, yes } from "./der.ts";

/** A private key and its certificate, both PEM. */
export interface KeyAndCertificate {
  readonly key: string;
  readonly certificate: string;
}

/** What a certificate shall say. Without times it is valid from an hour ago for 30 days of the machine's own clock, which is the one TLS looks at. */
export interface CertificateRequest {
  /** DNS names, the first also as common name. */
  readonly hosts: readonly [string, ...string[]];
  readonly notBefore?: Date;
  readonly notAfter?: Date;
  /** Signed by its own key instead of the authority's: for tests of peers that nobody vouches for. */
  readonly selfSigned?: boolean;
}

/**
 * A certificate authority that lives as long as the process: its key never leaves memory. Trust in it is given where a
 * client's `ca` option names `certificate`, and nowhere else; no check is switched off.
 */
export interface Authority {
  /** The root certificate, PEM. */
  readonly certificate: string;
  issue(request: CertificateRequest): KeyAndCertificate;
}

/** Makes a new authority (ECDSA P-256, as public authorities do). */
export function createAuthority(name = "SMIMP test authority"): Authority {
  const { privateKey, publicKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
  const issuer: Signer = { name, privateKey, publicKey };
  const root = certificate({ subject: name, subjectKey: publicKey, issuer, ...validity({}), extensions: authorityExtensions() });
  return {
    certificate: root,
    issue: (request) => {
      const pair = generateKeyPairSync("ec", { namedCurve: "P-256" });
      const subject = request.hosts[0];
      const signer: Signer = request.selfSigned === true ? { name: subject, ...pair } : issuer;
      return {
        key: pair.privateKey.export({ type: "pkcs8", format: "pem" }),
        certificate: certificate({
          subject,
          subjectKey: pair.publicKey,
          issuer: signer,
          ...validity(request),
          extensions: serverExtensions(request.hosts),
        }),
      };
    },
  };
}

interface Signer {
  readonly name: string;
  readonly privateKey: KeyObject;
  readonly publicKey: KeyObject;
}

interface CertificateParts {
  readonly subject: string;
  readonly subjectKey: KeyObject;
  readonly issuer: Signer;
  readonly notBefore: Date;
  readonly notAfter: Date;
  readonly extensions: readonly Buffer[];
}

const HOUR_MS = 3_600_000;
const DEFAULT_LIFE_MS = 30 * 24 * HOUR_MS;
const SERIAL_BYTES = 16;

function validity(request: Partial<CertificateRequest>): { notBefore: Date; notAfter: Date } {
  const now = Date.now();
  return { notBefore: request.notBefore ?? new Date(now - HOUR_MS), notAfter: request.notAfter ?? new Date(now + DEFAULT_LIFE_MS) };
}

const ECDSA_WITH_SHA256 = sequence(objectIdentifier("1.2.840.10045.4.3.2"));

function certificate(parts: CertificateParts): string {
  const body = sequence(
    tagged(0, integer(Buffer.of(2))), // version 3
    integer(Buffer.concat([Buffer.of(1), randomBytes(SERIAL_BYTES)])),
    ECDSA_WITH_SHA256,
    distinguishedName(parts.issuer.name),
    sequence(time(parts.notBefore), time(parts.notAfter)),
    distinguishedName(parts.subject),
    spki(parts.subjectKey),
    tagged(
      3,
      sequence(
        ...parts.extensions,
        extension("2.5.29.14", octets(keyIdentifier(parts.subjectKey))),
        extension("2.5.29.35", sequence(taggedPrimitive(0, keyIdentifier(parts.issuer.publicKey)))),
      ),
    ),
  );
  return toPem("CERTIFICATE", sequence(body, ECDSA_WITH_SHA256, bits(sign("sha256", body, parts.issuer.privateKey))));
}

function distinguishedName(commonName: string): Buffer {
  return sequence(set(sequence(objectIdentifier("2.5.4.3"), utf8String(commonName))));
}

function spki(key: KeyObject): Buffer {
  return key.export({ type: "spki", format: "der" });
}

function keyIdentifier(key: KeyObject): Buffer {
  return createHash("sha256").update(spki(key)).digest().subarray(0, 20);
}

function extension(id: string, value: Buffer, critical = false): Buffer {
  return sequence(objectIdentifier(id), ...(critical ? [yes] : []), octets(value));
}

function authorityExtensions(): readonly Buffer[] {
  return [
    extension("2.5.29.19", sequence(yes), true), // basic constraints: an authority
    extension("2.5.29.15", bits(Buffer.of(0x06), 1), true), // key usage: signs certificates and revocation lists
  ];
}

function serverExtensions(hosts: readonly string[]): readonly Buffer[] {
  return [
    extension("2.5.29.19", sequence(), true),
    extension("2.5.29.15", bits(Buffer.of(0x80), 7), true), // key usage: signs handshakes
    extension("2.5.29.37", sequence(objectIdentifier("1.3.6.1.5.5.7.3.1"))), // server authentication
    extension("2.5.29.17", sequence(...hosts.map((host) => taggedPrimitive(2, Buffer.from(host, "ascii"))))),
  ];
}
