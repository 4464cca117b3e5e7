import { readFileSync } from "node:fs";
import {
  b64Length,
  DEFAULT_MAX_BLOB_BYTES,
  DEFAULT_MAX_MESSAGE_BYTES,
  isSmimpError,
  MAX_WORK_BITS,
  parseBaseUrl,
  parseDomain,
  type BaseUrl,
  type Domain,
} from "@smimp/protocol";
import * as v from "valibot";
import { configSchema, type ConfigInput } from "./config-schema.ts";

/** A key and its certificate chain, both PEM. */
export interface TlsIdentity {
  readonly key: string;
  readonly certificate: string;
}

/** Who may open an account (protocol section 8). */
export type Registration = "closed" | "invite" | "open";

/** Bounds of requests and connections. */
export interface Limits {
  /** Bytes of a send_message body. */
  readonly messageBytes: number;
  /** Bytes of one blob. */
  readonly blobBytes: number;
  /** Open connections in all, and from one remote address. */
  readonly connections: number;
  readonly connectionsPerAddress: number;
  /** Seconds until a request's header must be there, and a body's next bytes. */
  readonly headerSeconds: number;
  readonly idleSeconds: number;
  /** Event streams of one account. */
  readonly eventStreams: number;
  /** Exports and imports of whole accounts at once. */
  readonly transfers: number;
}

/** What one account, requester or day may use up. */
export interface Quotas {
  /** Bytes of an account's messages and blobs; -1 for no limit. */
  readonly accountBytes: number;
  /** Bytes of one sender's blobs that no message names yet. */
  readonly uploadBytes: number;
  /** Single-use keys a day for one requester and recipient (protocol section 4). */
  readonly keysPerRequester: number;
  /** Single-use keys a day of one recipient for all first contacts together (protocol section 4). */
  readonly keysForFirstContacts: number;
  /** Tickets an hour for one sender in all, known correspondents included. */
  readonly ticketsPerHour: number;
  /** Tickets a day for messages to oneself: sent copies, drafts, imported mail. */
  readonly ownTicketsPerDay: number;
  /** Message keys a day that an account uploads: each is remembered for good (protocol section 4). */
  readonly keysPerDay: number;
  /** Exports an hour of one account. */
  readonly exportsPerHour: number;
  /** Session challenges a minute for addresses of one remote IP prefix. */
  readonly challengesPerMinute: number;
  /** Device links an hour for new devices of one remote IP prefix (protocol section 8). */
  readonly deviceLinksPerHour: number;
  /** Folders of an account (protocol section 8). */
  readonly folders: number;
}

/** Price of a message key (protocol section 7). Bits are log2 of the tries expected in all. */
export interface WorkPolicy {
  /** Puzzles that the work is split into. */
  readonly count: number;
  /** Base for a sender that this server never met, and for one of a domain that its users write to. */
  readonly strangerBits: number;
  readonly establishedBits: number;
  /** Work of an open registration. */
  readonly registrationBits: number;
  /** First contacts an hour without extra work: of one sender, of one domain, of one IP prefix. */
  readonly firstContactsPerSender: number;
  readonly firstContactsPerDomain: number;
  readonly firstContactsPerPrefix: number;
  /** Messages an hour from a known correspondent without any work. */
  readonly messagesPerCorrespondent: number;
  /** Inflow of strangers an hour below which the server's load adds no work, whatever its median. */
  readonly strangerInflow: number;
}

/** How much is logged. */
export type LogLevel = "fatal" | "error" | "warn" | "info" | "debug" | "trace" | "silent";

/** How a server is set up: the plain object that tests and `loadConfig` make. What is left out has a default. */
export interface ServerConfig {
  /** What people call this server. */
  readonly name: string;
  readonly baseUrl: BaseUrl;
  /** Domains whose addresses this server holds. */
  readonly domains: readonly string[];
  /** Directory of the database and the blobs. */
  readonly dataDir: string;
  readonly listen: { readonly host: string; readonly port: number };
  readonly tls: TlsIdentity;
  readonly registration?: Registration;
  readonly limits?: Partial<Limits>;
  readonly quotas?: Partial<Quotas>;
  readonly workPolicy?: Partial<WorkPolicy>;
  readonly logLevel?: LogLevel;
}

/** A checked configuration: every default applied, every combination possible. */
export interface Settings {
  readonly name: string;
  readonly baseUrl: BaseUrl;
  readonly domains: readonly Domain[];
  readonly dataDir: string;
  readonly listen: { readonly host: string; readonly port: number };
  readonly tls: TlsIdentity;
  readonly registration: Registration;
  readonly limits: Limits;
  readonly quotas: Quotas;
  readonly workPolicy: WorkPolicy;
  readonly logLevel: LogLevel;
}

/** A setting that is missing or can't be; the message names it. */
export class ConfigError extends Error {
  override readonly name = "ConfigError";
  readonly setting: string;

  constructor(setting: string, problem: string) {
    super(`${setting}: ${problem}`);
    this.setting = setting;
  }
}

/** Longest that a peer may be waited for, seconds. */
const MAX_WAIT_SECONDS = 3_600;
/** Port of HTTPS, which base URLs leave out. */
const HTTPS_PORT = 443;

/** Defaults of `limits`. */
export const DEFAULT_LIMITS: Limits = {
  messageBytes: DEFAULT_MAX_MESSAGE_BYTES,
  blobBytes: DEFAULT_MAX_BLOB_BYTES,
  connections: 8_192,
  connectionsPerAddress: 1_024,
  headerSeconds: 15,
  idleSeconds: 30,
  eventStreams: 16,
  transfers: 16,
};

/** Defaults of `quotas`. */
export const DEFAULT_QUOTAS: Quotas = {
  accountBytes: 5 * 1024 ** 3,
  uploadBytes: 2 * 1024 ** 3,
  keysPerRequester: 5,
  keysForFirstContacts: 20,
  ticketsPerHour: 3_600,
  ownTicketsPerDay: 250_000,
  keysPerDay: 10_000,
  exportsPerHour: 10,
  challengesPerMinute: 600,
  deviceLinksPerHour: 60,
  folders: 1_000,
};

/** Defaults of `workPolicy`: a stranger's first message costs a phone well under a second, a million of them a data centre. */
export const DEFAULT_WORK_POLICY: WorkPolicy = {
  count: 8,
  strangerBits: 18,
  establishedBits: 14,
  registrationBits: 22,
  firstContactsPerSender: 10,
  firstContactsPerDomain: 100,
  firstContactsPerPrefix: 30,
  messagesPerCorrespondent: 600,
  strangerInflow: 200,
};

/**
 * First step: what the environment (`SMIMP_*`) and the JSON file say, the environment winning. PEM files are read
 * here. Returns a configuration that `checkConfig` has accepted. Throws `ConfigError`, naming the setting.
 */
export function loadConfig(source: { readonly env?: Readonly<Record<string, string | undefined>>; readonly file?: string }): ServerConfig {
  const written = source.file === undefined ? {} : readConfigFile(source.file);
  const input = { ...written, ...fromEnvironment(source.env ?? {}) };
  const parsed = v.safeParse(configSchema, input, { abortEarly: true });
  if (!parsed.success) {
    const [issue] = parsed.issues;
    throw new ConfigError(v.getDotPath(issue) ?? source.file ?? "config", issue.received === "undefined" ? "is missing" : issue.message);
  }
  const config = toConfig(parsed.output);
  checkConfig(config);
  return config;
}

/** Second step: applies the defaults and rejects what can't work together. Throws `ConfigError`, naming the setting. */
export function checkConfig(config: ServerConfig): Settings {
  const settings: Settings = {
    name: config.name,
    baseUrl: checked("baseUrl", () => parseBaseUrl(config.baseUrl)),
    domains: config.domains.map((domain) => checked("domains", () => parseDomain(domain))),
    dataDir: config.dataDir,
    listen: config.listen,
    tls: config.tls,
    registration: config.registration ?? "invite",
    limits: { ...DEFAULT_LIMITS, ...config.limits },
    quotas: { ...DEFAULT_QUOTAS, ...config.quotas },
    workPolicy: { ...DEFAULT_WORK_POLICY, ...config.workPolicy },
    logLevel: config.logLevel ?? "info",
  };
  if (settings.name.trim() === "" || settings.name.length > 256) throw new ConfigError("name", "must have 1 to 256 characters");
  if (settings.domains.length === 0) throw new ConfigError("domains", "name at least one domain");
  if (new Set(settings.domains).size !== settings.domains.length) throw new ConfigError("domains", "a domain stands twice");
  if (settings.dataDir === "") throw new ConfigError("dataDir", "must name a directory");
  checkPort(settings.listen.port);
  checkWork(settings.workPolicy);
  for (const [group, values] of Object.entries({ limits: settings.limits, quotas: settings.quotas })) {
    for (const [name, value] of Object.entries(values)) {
      const lowest = name === "accountBytes" ? -1 : 0;
      if (!Number.isSafeInteger(value) || value < lowest) throw new ConfigError(`${group}.${name}`, `must be an integer from ${lowest}`);
    }
  }
  for (const name of ["headerSeconds", "idleSeconds"] as const) {
    // 0 would mean no bound to Node, and more than a timer can hold would mean at once.
    const seconds = settings.limits[name];
    if (seconds < 1 || seconds > MAX_WAIT_SECONDS) throw new ConfigError(`limits.${name}`, `must be from 1 to ${MAX_WAIT_SECONDS}`);
  }
  if (settings.limits.messageBytes < b64Length(1_120 + 256)) throw new ConfigError("limits.messageBytes", "no message is that small");
  return settings;
}

function checkWork(policy: WorkPolicy): void {
  const { count } = policy;
  if (!Number.isSafeInteger(count) || count < 1 || count > 64 || (count & (count - 1)) !== 0) {
    throw new ConfigError("workPolicy.count", "must be a power of two from 1 to 64");
  }
  for (const name of ["strangerBits", "establishedBits", "registrationBits"] as const) {
    const bits = policy[name];
    if (!Number.isSafeInteger(bits) || bits < 0 || bits > MAX_WORK_BITS) {
      throw new ConfigError(`workPolicy.${name}`, `must be an integer from 0 to ${MAX_WORK_BITS}`);
    }
  }
  for (const [name, value] of Object.entries(policy)) {
    if (!Number.isSafeInteger(value) || value < 0) throw new ConfigError(`workPolicy.${name}`, "must be an integer from 0");
  }
}

function checkPort(port: number): void {
  if (!Number.isSafeInteger(port) || port < 0 || port > 65_535) throw new ConfigError("listen.port", "must be from 0 to 65535");
}

function checked<T>(setting: string, parse: () => T): T {
  try {
    return parse();
  } catch (error) {
    if (!isSmimpError(error)) throw error;
    throw new ConfigError(setting, error.message);
  }
}

function readConfigFile(file: string): Record<string, unknown> {
  let value: unknown;
  try {
    value = JSON.parse(readFileSync(file, "utf8"));
  } catch (cause) {
    throw new ConfigError(file, cause instanceof SyntaxError ? "is not JSON" : "can't be read");
  }
  if (typeof value !== "object" || value === null || Array.isArray(value)) throw new ConfigError(file, "must hold a JSON object");
  return value as Record<string, unknown>;
}

/** Settings that the environment may give, with how their text is read. */
const VARIABLES = {
  SMIMP_NAME: ["name", String],
  SMIMP_BASE_URL: ["baseUrl", String],
  SMIMP_DOMAINS: ["domains", (text: string) => text.split(/[\s,]+/).filter((each) => each !== "")],
  SMIMP_DATA_DIR: ["dataDir", String],
  SMIMP_HOST: ["host", String],
  SMIMP_PORT: ["port", Number],
  SMIMP_TLS_KEY_FILE: ["tlsKeyFile", String],
  SMIMP_TLS_CERTIFICATE_FILE: ["tlsCertificateFile", String],
  SMIMP_REGISTRATION: ["registration", String],
  SMIMP_LOG_LEVEL: ["logLevel", String],
} as const satisfies Record<string, readonly [keyof ConfigInput, (text: string) => unknown]>;

function fromEnvironment(env: Readonly<Record<string, string | undefined>>): Record<string, unknown> {
  const given: Record<string, unknown> = {};
  for (const [variable, [setting, read]] of Object.entries(VARIABLES)) {
    const text = env[variable];
    if (text !== undefined && text !== "") given[setting] = read(text);
  }
  return given;
}

function toConfig(input: ConfigInput): ServerConfig {
  const baseUrl = checked("baseUrl", () => parseBaseUrl(input.baseUrl));
  const { port: urlPort } = new URL(baseUrl);
  const pem = (setting: "tlsKeyFile" | "tlsCertificateFile"): string => {
    try {
      return readFileSync(input[setting], "utf8");
    } catch {
      throw new ConfigError(setting, `${input[setting]} can't be read`);
    }
  };
  const [firstDomain = ""] = input.domains;
  return {
    name: input.name ?? firstDomain,
    baseUrl,
    domains: input.domains,
    dataDir: input.dataDir,
    listen: { host: input.host ?? "::", port: input.port ?? (urlPort === "" ? HTTPS_PORT : Number(urlPort)) },
    tls: { key: pem("tlsKeyFile"), certificate: pem("tlsCertificateFile") },
    ...(input.registration === undefined ? {} : { registration: input.registration }),
    ...(input.limits === undefined ? {} : { limits: present(input.limits) }),
    ...(input.quotas === undefined ? {} : { quotas: present(input.quotas) }),
    ...(input.workPolicy === undefined ? {} : { workPolicy: present(input.workPolicy) }),
    ...(input.logLevel === undefined ? {} : { logLevel: input.logLevel }),
  };
}

/** The same object without members that are undefined. */
function present<T extends object>(object: T): { [K in keyof T]?: Exclude<T[K], undefined> } {
  return Object.fromEntries(Object.entries(object).filter(([, value]) => value !== undefined)) as {
    [K in keyof T]?: Exclude<T[K], undefined>;
  };
}
