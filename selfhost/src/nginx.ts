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

const DOCS = join(import.meta.dirname, "../../docs/self-hosting.md");

/** A reverse proxy as people have one: Debian's nginx, set up as docs/self-hosting.md says. */
export interface Nginx {
  readonly port: number;
  close(): Promise<void>;
}

/** Starts it in front of a server's unencrypted port, to which it connects from `from`. */
export async function startNginx(identity: KeyAndCertificate, upstream: number, from: string): Promise<Nginx> {
  assertInstalled("nginx");
  const folder = await mkdtemp(join(tmpdir(), "smimp-nginx-"));
  const place = (name: string): string => join(folder, name);
  await writeFile(place("key.pem"), identity.key);
  await writeFile(place("certificate.pem"), identity.certificate);
  const port = await freePort();
  const site = (await documented())
    .replace("listen 443", `listen 127.0.0.1:${port}`)
    .replace(/server_name [^;]+;/, "server_name _;")
    .replace(/ssl_certificate [^;]+;/, `ssl_certificate ${place("certificate.pem")};`)
    .replace(/ssl_certificate_key [^;]+;/, `ssl_certificate_key ${place("key.pem")};`)
    .replace("http://127.0.0.1:8080;", `http://127.0.0.1:${upstream};\n        proxy_bind ${from};`);
  const kinds = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"];
  await mkdir(place("temporary"));
  const paths = kinds.map((kind) => `${kind}_temp_path ${place("temporary")}/${kind};`).join("\n");
  await writeFile(
    place("nginx.conf"),
    `daemon off;\npid ${place("pid")};\nerror_log ${place("error.log")};\nevents {}\nhttp {\naccess_log off;\n${paths}\n${site}\n}\n`,
  );
  const child = spawn("nginx", ["-p", folder, "-c", place("nginx.conf"), "-e", place("error.log")], {
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

/** The one site of nginx that the documentation shows. */
async function documented(): Promise<string> {
  const block = /```nginx\n([^]*?)```/.exec(await readFile(DOCS, "utf8"))?.[1];
  if (block === undefined) throw new Error("docs/self-hosting.md shows no site of nginx");
  return block;
}

/** Debian has it where ordinary users don't look. */
function pathWithSbin(): NodeJS.ProcessEnv {
  return { ...process.env, PATH: `${process.env["PATH"] ?? ""}:/usr/sbin` };
}
