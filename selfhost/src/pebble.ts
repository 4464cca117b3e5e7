import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { request } from "node:https";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { createAuthority } from "@smimp/testkit";
import { eventually } from "./eventually.ts";
import { freePort } from "./free-port.ts";
import { assertInstalled } from "./installed.ts";

/** An authority as Let's Encrypt is one, and a name server that says whatever it is told: Debian's `pebble`, on loopback. */
export interface Pebble {
  /** URL of the directory. */
  readonly directory: string;
  /** PEM of what vouches for the directory's own connection. */
  readonly ca: string;
  /** PEM of the root that its certificates hang on. */
  root(): Promise<string>;
  /** Where it looks for proof: the port of the names' server, and the port for `http-01`. */
  readonly tlsPort: number;
  readonly httpPort: number;
  /** Where a name leads from now on; null: nowhere. */
  lead(name: string, address: string | null): Promise<void>;
  close(): Promise<void>;
}

/** Starts both. Throws where they aren't installed. */
export async function startPebble(): Promise<Pebble> {
  for (const program of ["pebble", "pebble-challtestsrv"]) assertInstalled(program, "pebble");
  const folder = await mkdtemp(join(tmpdir(), "smimp-pebble-"));
  const [directory, management, names, namesManagement, tlsPort, httpPort] = await Promise.all(Array.from({ length: 6 }, freePort));
  const authority = createAuthority("SMIMP test authority for pebble");
  const { key, certificate } = authority.issue({ hosts: ["localhost"] });
  const place = (name: string): string => join(folder, name);
  await writeFile(place("key.pem"), key);
  await writeFile(place("certificate.pem"), certificate);
  const settings = {
    listenAddress: `127.0.0.1:${directory}`,
    managementListenAddress: `127.0.0.1:${management}`,
    certificate: place("certificate.pem"),
    privateKey: place("key.pem"),
    httpPort,
    tlsPort,
    ocspResponderURL: "",
    externalAccountBindingRequired: false,
  };
  await writeFile(place("pebble.json"), JSON.stringify({ pebble: settings }));
  const running = [
    run(
      "pebble-challtestsrv",
      // Names lead to this machine; proof is the server's own affair.
      `-dns01 127.0.0.1:${names} -management 127.0.0.1:${namesManagement} -defaultIPv4 127.0.0.1 -defaultIPv6= -http01= -https01= -tlsalpn01=`.split(
        " ",
      ),
    ),
    run("pebble", ["-config", place("pebble.json"), "-dnsserver", `127.0.0.1:${names}`, "-strict"]),
  ];
  const close = async (): Promise<void> => {
    await Promise.all(running.map(end));
    await rm(folder, { recursive: true, force: true });
  };
  const root = async (): Promise<string> => await fetchText(`https://localhost:${management}/roots/0`, authority.certificate);
  const lead = async (name: string, address: string | null): Promise<void> => {
    const ask = async (path: string, body: unknown): Promise<void> => {
      const { ok, status } = await fetch(`http://127.0.0.1:${namesManagement}/${path}`, { method: "POST", body: JSON.stringify(body) });
      if (!ok) throw new Error(`the name server answers ${status}`);
    };
    // Loopback is where everything leads that nothing is said of.
    await ask("clear-a", { host: name });
    await ask("add-a", { host: name, addresses: [address ?? "0.0.0.0"] });
  };
  try {
    await eventually(async () => void (await root()));
    await eventually(async () => await lead("up.example", "127.0.0.1"));
  } catch (error) {
    await close();
    throw error;
  }
  return {
    directory: `https://localhost:${directory}/dir`,
    ca: authority.certificate,
    root,
    tlsPort: tlsPort ?? 0,
    httpPort: httpPort ?? 0,
    lead,
    close,
  };
}

function run(program: string, args: readonly string[]): ChildProcess {
  // No waits to act as if it were far away, and proof each time; refused nonces, which every client has to bear, stay.
  return spawn(program, args, { stdio: "ignore", env: { ...process.env, PEBBLE_VA_NOSLEEP: "1", PEBBLE_AUTHZREUSE: "0" } });
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  child.kill("SIGKILL");
  await once(child, "exit");
}

async function fetchText(url: string, ca: string): Promise<string> {
  const answer = await new Promise<NodeJS.ReadableStream>((resolve, reject) => {
    request(url, { ca }, resolve).once("error", reject).end();
  });
  return await text(answer);
}
