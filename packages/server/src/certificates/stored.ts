import { randomUUID } from "node:crypto";
import { mkdir, open, readFile, rename, rm } from "node:fs/promises";
import { join } from "node:path";
import type { Timestamp } from "@smimp/protocol";
import type { TlsIdentity } from "./tls-source.ts";

/** How it stands with the certificate of one name. */
export interface CertificateStatus {
  readonly name: string;
  /** Null: there is none yet. */
  readonly notBefore: Timestamp | null;
  readonly notAfter: Timestamp | null;
  /** When it is to be renewed, or tried again. */
  readonly nextAttemptAt: Timestamp;
  /** Attempts in a row that failed, and what the last one failed of. */
  readonly failures: number;
  readonly error: string | null;
}

/** What is kept of certificates below the data folder: keys, readable by the server's user alone. */
export interface CertificateFiles {
  /** The account's key at the authority, PEM; null before the first time. */
  accountKey(): Promise<string | null>;
  putAccountKey(key: string): Promise<void>;
  /** The certificate of a name. */
  identity(name: string): Promise<TlsIdentity | null>;
  putIdentity(name: string, identity: TlsIdentity): Promise<void>;
  status(): Promise<readonly CertificateStatus[]>;
  putStatus(status: readonly CertificateStatus[]): Promise<void>;
}

const FOLDER = "certificates";

/** The files of a data folder. */
export function certificateFiles(dataDir: string): CertificateFiles {
  const folder = join(dataDir, FOLDER);
  const read = async (name: string): Promise<string | null> => {
    try {
      return await readFile(join(folder, name), "utf8");
    } catch (error) {
      if (error instanceof Error && "code" in error && error.code === "ENOENT") return null;
      throw error;
    }
  };
  const write = async (name: string, content: string): Promise<void> => {
    await mkdir(folder, { recursive: true, mode: 0o700 });
    await writeDurably(folder, name, content);
  };
  return {
    accountKey: async () => await read("account.pem"),
    putAccountKey: async (key) => await write("account.pem", key),
    identity: async (name) => {
      const pem = await read(`${name}.pem`);
      return pem === null ? null : split(pem);
    },
    // Both in one file: a key never stands beside another key's certificate.
    putIdentity: async (name, { key, certificate }) => await write(`${name}.pem`, `${key.trim()}\n${certificate.trim()}\n`),
    status: async () => {
      const text = await read("status.json");
      return text === null ? [] : statusIn(text);
    },
    putStatus: async (status) => await write("status.json", `${JSON.stringify(status, null, 2)}\n`),
  };
}

/** What can't be read says nothing that isn't found out again. */
function statusIn(text: string): readonly CertificateStatus[] {
  try {
    return JSON.parse(text) as readonly CertificateStatus[];
  } catch {
    return [];
  }
}

function split(pem: string): TlsIdentity | null {
  const at = pem.indexOf("-----BEGIN CERTIFICATE-----");
  return at <= 0 ? null : { key: pem.slice(0, at), certificate: pem.slice(at) };
}

/** All of it or what was there before, whenever the power fails. */
async function writeDurably(folder: string, name: string, content: string): Promise<void> {
  // Of its own: another server on the same data may be at it as well, while one takes over from the other.
  const fresh = join(folder, `${name}.${randomUUID()}.new`);
  const file = await open(fresh, "wx", 0o600);
  try {
    await file.writeFile(content);
    await file.sync();
  } catch (error) {
    await rm(fresh, { force: true });
    throw error;
  } finally {
    await file.close();
  }
  await rename(fresh, join(folder, name));
  const directory = await open(folder, "r");
  try {
    await directory.sync();
  } finally {
    await directory.close();
  }
}
