import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseBaseUrl } from "@smimp/protocol";
import { afterAll, describe, expect, it } from "vitest";
import { DEFAULT_LIMITS, DEFAULT_QUOTAS, DEFAULT_RETENTION, DEFAULT_WORK_POLICY } from "./bounds.ts";
import { checkConfig, loadConfig, type ServerConfig } from "./config.ts";

const folder = mkdtempSync(join(tmpdir(), "smimp-config-"));
const keyFile = join(folder, "key.pem");
const certificateFile = join(folder, "certificate.pem");
// What they hold is for the server, once it starts.
writeFileSync(keyFile, "the key");
writeFileSync(certificateFile, "the certificate");
afterAll(() => rmSync(folder, { recursive: true }));

const env = {
  SMIMP_BASE_URL: "https://smimp.example.com/",
  SMIMP_DOMAINS: "example.com, example.org",
  SMIMP_DATA_DIR: "/var/lib/smimp",
  SMIMP_TLS_KEY_FILE: keyFile,
  SMIMP_TLS_CERTIFICATE_FILE: certificateFile,
};

const plain: ServerConfig = {
  name: "Example",
  baseUrl: parseBaseUrl("https://smimp.example.com/"),
  domains: ["Example.COM"],
  dataDir: "/var/lib/smimp",
  listen: { host: "::", port: 443 },
  tls: { key: "", certificate: "" },
};

function fileOf(content: unknown): string {
  const file = join(folder, "smimp.json");
  writeFileSync(file, typeof content === "string" ? content : JSON.stringify(content));
  return file;
}

const named = (setting: string) => expect.objectContaining({ name: "ConfigError", setting });

describe("loadConfig", () => {
  it("reads the environment alone", () => {
    const config = loadConfig({ env });
    expect(config).toMatchObject({ name: "example.com", domains: ["example.com", "example.org"], listen: { host: "::", port: 443 } });
    expect(config.tls).toEqual({ keyFile, certificateFile });
  });

  it("reads a file, and the environment wins", () => {
    const file = fileOf({
      baseUrl: "https://other.example.com/",
      domains: ["example.net"],
      dataDir: "/data",
      tlsKeyFile: keyFile,
      tlsCertificateFile: certificateFile,
      port: 8443,
      quotas: { accountBytes: -1 },
    });
    const config = loadConfig({ file, env: { SMIMP_BASE_URL: "https://smimp.example.com/", SMIMP_REGISTRATION: "open" } });
    expect(config).toMatchObject({ baseUrl: "https://smimp.example.com/", registration: "open", listen: { port: 8443 } });
    expect(checkConfig(config).quotas.accountBytes).toBe(-1);
  });

  it("listens where the base URL says, unless told otherwise", () => {
    expect(loadConfig({ env: { ...env, SMIMP_BASE_URL: "https://smimp.example.com:8443/mail/" } }).listen.port).toBe(8443);
  });

  it("names what is missing, wrong or unknown", () => {
    expect(() => loadConfig({ env: { ...env, SMIMP_BASE_URL: "" } })).toThrowError(named("baseUrl"));
    expect(() => loadConfig({ env: { ...env, SMIMP_BASE_URL: "http://smimp.example.com/" } })).toThrowError(named("baseUrl"));
    expect(() => loadConfig({ env: { ...env, SMIMP_PORT: "many" } })).toThrowError(named("port"));
    expect(() => loadConfig({ env: { ...env, SMIMP_TLS_KEY_FILE: join(folder, "none") } })).toThrowError(named("tlsKeyFile"));
    expect(() => loadConfig({ env: { ...env, SMIMP_REGISTRATION: "everybody" } })).toThrowError(named("registration"));
    expect(() => loadConfig({ env, file: fileOf({ quota: {} }) })).toThrowError(named("quota"));
    expect(() => loadConfig({ env, file: fileOf("{") })).toThrowError(expect.objectContaining({ name: "ConfigError" }));
    expect(() => loadConfig({ env, file: join(folder, "none.json") })).toThrowError(expect.objectContaining({ name: "ConfigError" }));
  });
});

describe("certificates", () => {
  const { SMIMP_TLS_KEY_FILE: _key, SMIMP_TLS_CERTIFICATE_FILE: _certificate, ...without } = env;

  it("are got from Let's Encrypt for the base URL's host, where nothing else is said", () => {
    const config = loadConfig({ env: without, file: fileOf({ acme: { termsAgreed: true } }) });
    expect(config.tls).toEqual({
      acme: {
        directory: "https://acme-v02.api.letsencrypt.org/directory",
        names: ["smimp.example.com"],
        email: null,
        challenge: "tls-alpn-01",
        http: { host: "::", port: 80 },
        ca: null,
      },
    });
  });

  it("are for further names, each once", () => {
    const names = ["Example.COM", "smimp.example.com", "example.com"];
    const config = loadConfig({ env: without, file: fileOf({ acme: { termsAgreed: true, names, challenge: "http-01", httpPort: 8080 } }) });
    expect(config.tls).toMatchObject({
      acme: { names: ["smimp.example.com", "example.com"], challenge: "http-01", http: { port: 8080 } },
    });
  });

  it("come from one place, which is named", () => {
    const acme = { termsAgreed: true };
    expect(() => loadConfig({ env: without })).toThrowError(named("tlsKeyFile"));
    expect(() => loadConfig({ env: { ...without, SMIMP_TLS_KEY_FILE: keyFile } })).toThrowError(named("tlsCertificateFile"));
    expect(() => loadConfig({ env, file: fileOf({ acme }) })).toThrowError(named("acme"));
    expect(() => loadConfig({ env: without, file: fileOf({ acme: { termsAgreed: false } }) })).toThrowError(named("acme.termsAgreed"));
    const read = (more: object) => () => loadConfig({ env: without, file: fileOf({ acme: { ...acme, ...more } }) });
    expect(read({ directory: "http://acme.example/" })).toThrowError(named("acme.directory"));
    expect(read({ names: ["not a name"] })).toThrowError(named("acme.names"));
    expect(read({ caFile: join(folder, "none") })).toThrowError(named("acme.caFile"));
  });

  it("are a proxy's affair, which is named by address", () => {
    const read = (proxy: object, more: object = {}) => loadConfig({ env: without, file: fileOf({ proxy, ...more }) });
    expect(read({})).toMatchObject({ tls: { proxy: { from: ["127.0.0.1", "::1"] } }, listen: { host: "127.0.0.1", port: 8080 } });
    expect(read({ from: ["10.0.0.0/8"] }, { host: "10.0.0.3", port: 81 })).toMatchObject({
      tls: { proxy: { from: ["10.0.0.0/8"] } },
      listen: { host: "10.0.0.3", port: 81 },
    });
    expect(() => read({ from: ["localhost"] })).toThrowError(named("proxy.from"));
    expect(() => read({ from: [] })).toThrowError(named("proxy.from"));
    expect(() => read({}, { acme: { termsAgreed: true } })).toThrowError(named("proxy"));
  });
});

describe("checkConfig", () => {
  it("applies defaults and the normal form", () => {
    const settings = checkConfig({ ...plain, limits: { blobBytes: 1_000 } });
    expect(settings.domains).toEqual(["example.com"]);
    expect(settings.limits).toEqual({ ...DEFAULT_LIMITS, blobBytes: 1_000 });
    expect(settings.registration).toBe("invite");
  });

  it("rejects what can't work", () => {
    expect(() => checkConfig({ ...plain, domains: [] })).toThrowError(named("domains"));
    expect(() => checkConfig({ ...plain, domains: ["example.com", "EXAMPLE.com"] })).toThrowError(named("domains"));
    expect(() => checkConfig({ ...plain, domains: ["localhost"] })).toThrowError(named("domains"));
    expect(() => checkConfig({ ...plain, listen: { host: "::", port: 70_000 } })).toThrowError(named("listen.port"));
    expect(() => checkConfig({ ...plain, workPolicy: { strangerBits: 29 } })).toThrowError(named("workPolicy.strangerBits"));
    expect(() => checkConfig({ ...plain, workPolicy: { count: 7 } })).toThrowError(named("workPolicy.count"));
    expect(() => checkConfig({ ...plain, limits: { messageBytes: 10 } })).toThrowError(named("limits.messageBytes"));
    expect(() => checkConfig({ ...plain, limits: { idleSeconds: 0 } })).toThrowError(named("limits.idleSeconds"));
    expect(() => checkConfig({ ...plain, limits: { headerSeconds: 3_000_000 } })).toThrowError(named("limits.headerSeconds"));
    expect(() => checkConfig({ ...plain, quotas: { keysPerRequester: -1 } })).toThrowError(named("quotas.keysPerRequester"));
  });
});

describe("docs/self-hosting.md", () => {
  it("names every bound with its default", () => {
    const text = readFileSync(new URL("../../../docs/self-hosting.md", import.meta.url), "utf8");
    const written = new Map(
      [...text.matchAll(/^\| `((?:limits|quotas|workPolicy|retention)\.[A-Za-z]+)` \| (-?[0-9,]+) \|/gm)].map(
        ([, name = "", value = ""]) => [name, Number(value.replaceAll(",", ""))] as const,
      ),
    );
    const groups = { limits: DEFAULT_LIMITS, quotas: DEFAULT_QUOTAS, workPolicy: DEFAULT_WORK_POLICY, retention: DEFAULT_RETENTION };
    const defaults = Object.entries(groups).flatMap(([group, values]) =>
      Object.entries(values).map(([name, value]) => [`${group}.${name}`, value as number] as const),
    );
    expect(new Map([...written].toSorted())).toEqual(new Map(defaults.toSorted()));
  });
});
