import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { KeyAndCertificate } from "@smimp/testkit";
import { assertInstalled } from "./installed.ts";
import { eventually } from "./eventually.ts";
import { freePort } from "./free-port.ts";

const PROGRAM = "nginx";
const DOCS = join(import.meta.dirname, "../../docs/self-hosting.md");

/** A reverse proxy as people have one: Debian's nginx, set up as docs/self-hosting.md says. */
export interface Nginx {
  readonly port: number;
  close(): Promise<void>;
}

/** Starts it in front of a server's unencrypted port, to which it connects from `from`. */
export async function startProxy(identity: KeyAndCertificate, upstream: number, from: string): Promise<Nginx> {
  const site = (await documented("proxy_pass"))
    .replace(/server_name [^;]+;/, "server_name _;")
    .replace("http://127.0.0.1:8080;", `http://127.0.0.1:${upstream};\n        proxy_bind ${from};`);
  return await startNginx(identity, site);
}

/** Starts it as a web server of a domain whose SMIMP server is elsewhere. */
export async function startSite(identity: KeyAndCertificate, baseUrl: string): Promise<Nginx> {
  const location = (await documented("location = /.well-known/smimp.txt")).replace("https://smimp.example.com/", baseUrl);
  return await startNginx(
    identity,
    `server {\nlisten 443 ssl;\nssl_certificate a;\nssl_certificate_key a;\nssl_protocols TLSv1.3;\n${location}\n}`,
  );
}

async function startNginx(identity: KeyAndCertificate, documentedSite: string): Promise<Nginx> {
  assertInstalled(PROGRAM);
  const folder = await mkdtemp(join(tmpdir(), "smimp-nginx-"));
  const place = (name: string): string => join(folder, name);
  await writeFile(place("key.pem"), identity.key);
  await writeFile(place("certificate.pem"), identity.certificate);
  const port = await freePort();
  const site = documentedSite
    .replace("listen 443", `listen 127.0.0.1:${port}`)
    .replace(/ssl_certificate [^;]+;/, `ssl_certificate ${place("certificate.pem")};`)
    .replace(/ssl_certificate_key [^;]+;/, `ssl_certificate_key ${place("key.pem")};`);
  const kinds = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"];
  await mkdir(place("temporary"));
  const paths = kinds.map((kind) => `${kind}_temp_path ${place("temporary")}/${kind};`).join("\n");
  await writeFile(
    place("nginx.conf"),
    `daemon off;\npid ${place("pid")};\nerror_log ${place("error.log")};\nevents {}\nhttp {\naccess_log off;\n${paths}\n${site}\n}\n`,
  );
  const child = spawn(PROGRAM, ["-p", folder, "-c", place("nginx.conf"), "-e", place("error.log")], {
    stdio: "ignore",
    env: pathWithSbin(),
  });
  const close = async (): Promise<void> => {
    if (child.exitCode === null && child.signalCode === null) {
      child.kill("SIGTERM");
      await once(child, "exit");
    }
    await rm(folder, { recursive: true, force: true });
  };
  try {
    await eventually(async () => {
      if (child.exitCode !== null) throw new Error(`nginx ended: ${await readFile(place("error.log"), "utf8")}`);
      const socket = connect(port, "127.0.0.1");
      await once(socket, "connect");
      socket.destroy();
    });
  } catch (error) {
    await close();
    throw error;
  }
  return { port, close };
}

/** What the documentation shows for nginx, the block that says this. */
async function documented(what: string): Promise<string> {
  const blocks = [...(await readFile(DOCS, "utf8")).matchAll(/```nginx\n([^]*?)```/g)].map(([, block = ""]) => block);
  const block = blocks.find((each) => each.includes(what));
  if (block === undefined) throw new Error(`docs/self-hosting.md shows nothing for nginx with ${what}`);
  return block;
}

/** Debian has it where ordinary users don't look. */
function pathWithSbin(): NodeJS.ProcessEnv {
  return { ...process.env, PATH: `${process.env["PATH"] ?? ""}:/usr/sbin` };
}
