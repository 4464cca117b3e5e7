import { readFileSync } from "node:fs";
import { b64Length, hostOf, isSmimpError, MAX_WORK_BITS, parseBaseUrl, parseDomain, type BaseUrl, type Domain } from "@smimp/protocol";
import * as v from "valibot";
import {
  DEFAULT_LIMITS,
  DEFAULT_QUOTAS,
  DEFAULT_RETENTION,
  DEFAULT_WORK_POLICY,
  type Limits,
  type Quotas,
  type Retention,
  type WorkPolicy,
} from "./bounds.ts";
import { DEFAULT_DIRECTORY, type AcmeSettings, type TlsSource } from "./certificates/tls-source.ts";
import { isAddressOrNetwork } from "./http/trusted-proxies.ts";
import { configSchema, type ConfigInput } from "./config-schema.ts";

/** Who may open an account (protocol section 8). */
export type Registration = "closed" | "invite" | "open";

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
  readonly tls: TlsSource;
  readonly registration?: Registration;
  readonly limits?: Partial<Limits>;
  readonly quotas?: Partial<Quotas>;
  readonly workPolicy?: Partial<WorkPolicy>;
  readonly retention?: Partial<Retention>;
  readonly logLevel?: LogLevel;
  /** The folder of a built web client; without one, plain pages tell people how to join. */
  readonly webDir?: string;
}

/** A checked configuration: every default applied, every combination possible. */
export interface Settings {
  readonly name: string;
  readonly baseUrl: BaseUrl;
  readonly domains: readonly Domain[];
  readonly dataDir: string;
  readonly listen: { readonly host: string; readonly port: number };
  readonly tls: TlsSource;
  readonly registration: Registration;
  readonly limits: Limits;
  readonly quotas: Quotas;
  readonly workPolicy: WorkPolicy;
  readonly retention: Retention;
  readonly logLevel: LogLevel;
  readonly webDir: string | null;
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
/** Bytes of the largest request that is read whole, and some room. */
const LEAST_BODY_BYTES = 16 * 1024 * 1024;
/** Port of HTTPS, which base URLs leave out. */
const HTTPS_PORT = 443;
/** Where a proxy finds the server. */
const PROXIED_PORT = 8080;
/** Port of HTTP, on which an authority looks for `http-01`. */
const HTTP_PORT = 80;

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
    retention: { ...DEFAULT_RETENTION, ...config.retention },
    logLevel: config.logLevel ?? "info",
    webDir: config.webDir ?? null,
  };
  if (settings.name.trim() === "" || settings.name.length > 256) throw new ConfigError("name", "must have 1 to 256 characters");
  if (settings.domains.length === 0) throw new ConfigError("domains", "name at least one domain");
  if (new Set(settings.domains).size !== settings.domains.length) throw new ConfigError("domains", "a domain stands twice");
  if (settings.dataDir === "") throw new ConfigError("dataDir", "must name a directory");
  checkPort(settings.listen.port);
  checkWork(settings.workPolicy);
  for (const [group, values] of Object.entries({ limits: settings.limits, quotas: settings.quotas, retention: settings.retention })) {
    for (const [name, value] of Object.entries(values)) {
      const lowest = name === "accountBytes" ? -1 : 0;
      if (!Number.isSafeInteger(value) || value < lowest) throw new ConfigError(`${group}.${name}`, `must be an integer from ${lowest}`);
    }
  }
  for (const name of ["headerSeconds", "idleSeconds", "stallSeconds", "drainSeconds"] as const) {
    // 0 would mean no bound to Node, and more than a timer can hold would mean at once.
    const seconds = settings.limits[name];
    if (seconds < 1 || seconds > MAX_WAIT_SECONDS) throw new ConfigError(`limits.${name}`, `must be from 1 to ${MAX_WAIT_SECONDS}`);
  }
  for (const name of ["bodyBytes", "bodyBytesPerPeer"] as const) {
    if (settings.limits[name] < LEAST_BODY_BYTES)
      throw new ConfigError(`limits.${name}`, `must be at least ${LEAST_BODY_BYTES}: a keystore and keys come in one piece`);
  }
  for (const name of ["streamsPerConnection", "remoteFetches"] as const) {
    if (settings.limits[name] < 1) throw new ConfigError(`limits.${name}`, "must be at least 1");
  }
  for (const name of ["uploadPercentPerSender", "uploadPercentPerDomain"] as const) {
    if (settings.quotas[name] > 100) throw new ConfigError(`quotas.${name}`, "must be an integer from 0 to 100");
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
  SMIMP_WEB_DIR: ["webDir", String],
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
  const [firstDomain = ""] = input.domains;
  return {
    name: input.name ?? firstDomain,
    baseUrl,
    domains: input.domains,
    dataDir: input.dataDir,
    listen: listenOf(input, urlPort),
    tls: tlsOf(input, baseUrl),
    ...(input.registration === undefined ? {} : { registration: input.registration }),
    ...(input.limits === undefined ? {} : { limits: present(input.limits) }),
    ...(input.quotas === undefined ? {} : { quotas: present(input.quotas) }),
    ...(input.workPolicy === undefined ? {} : { workPolicy: present(input.workPolicy) }),
    ...(input.retention === undefined ? {} : { retention: present(input.retention) }),
    ...(input.logLevel === undefined ? {} : { logLevel: input.logLevel }),
    ...(input.webDir === undefined ? {} : { webDir: input.webDir }),
  };
}

function listenOf({ host, port, proxy }: ConfigInput, urlPort: string): ServerConfig["listen"] {
  // Unencrypted, it is for this machine alone unless somebody says otherwise.
  if (proxy !== undefined) return { host: host ?? "127.0.0.1", port: port ?? PROXIED_PORT };
  return { host: host ?? "::", port: port ?? (urlPort === "" ? HTTPS_PORT : Number(urlPort)) };
}

function tlsOf({ acme, proxy, tlsKeyFile: keyFile, tlsCertificateFile: certificateFile }: ConfigInput, baseUrl: BaseUrl): TlsSource {
  if (proxy !== undefined) {
    if (acme !== undefined || keyFile !== undefined || certificateFile !== undefined)
      throw new ConfigError("proxy", "stands beside acme, tlsKeyFile or tlsCertificateFile: name one");
    return { proxy: { from: proxiesOf(proxy.from) } };
  }
  if (acme !== undefined) {
    if (keyFile !== undefined || certificateFile !== undefined)
      throw new ConfigError("acme", "stands beside tlsKeyFile or tlsCertificateFile: name one");
    return { acme: acmeOf(acme, baseUrl) };
  }
  if (keyFile === undefined)
    throw new ConfigError(
      "tlsKeyFile",
      "is missing (or SMIMP_TLS_KEY_FILE, or acme for certificates that the server gets by itself, or proxy)",
    );
  if (certificateFile === undefined) throw new ConfigError("tlsCertificateFile", "is missing (or SMIMP_TLS_CERTIFICATE_FILE)");
  // Whether they belong together is for the server: an operator's command may come between the renewal of one and of the other.
  readText("tlsKeyFile", keyFile);
  readText("tlsCertificateFile", certificateFile);
  return { keyFile, certificateFile };
}

function proxiesOf(given: readonly string[] = ["127.0.0.1", "::1"]): readonly string[] {
  if (given.length === 0) throw new ConfigError("proxy.from", "name at least one address");
  for (const each of given) {
    if (!isAddressOrNetwork(each)) throw new ConfigError("proxy.from", `${each} is no address, and no network such as 10.0.0.0/8`);
  }
  return given;
}

function acmeOf(input: NonNullable<ConfigInput["acme"]>, baseUrl: BaseUrl): AcmeSettings {
  const host = checked("baseUrl", () => parseDomain(hostOf(baseUrl)));
  const names = (input.names ?? []).map((name) => checked("acme.names", () => parseDomain(name)));
  const { directory = DEFAULT_DIRECTORY, challenge = "tls-alpn-01" } = input;
  if (!URL.canParse(directory) || new URL(directory).protocol !== "https:") throw new ConfigError("acme.directory", "must be an https URL");
  return {
    directory,
    names: [host, ...new Set(names.filter((name) => name !== host))],
    email: input.email ?? null,
    challenge,
    http: { host: input.httpHost ?? "::", port: input.httpPort ?? HTTP_PORT },
    ca: input.caFile === undefined ? null : readText("acme.caFile", input.caFile),
  };
}

function readText(setting: string, file: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch {
    throw new ConfigError(setting, `${file} can't be read`);
  }
}

/** The same object without members that are undefined. */
function present<T extends object>(object: T): { [K in keyof T]?: Exclude<T[K], undefined> } {
  return Object.fromEntries(Object.entries(object).filter(([, value]) => value !== undefined)) as {
    [K in keyof T]?: Exclude<T[K], undefined>;
  };
}
