import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { chmod, mkdir, readdir, readFile, writeFile } from "node:fs/promises";
import { request } from "node:https";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { newPerson, startNetwork, startPeer, type Answer, type Network } from "@smimp/testkit";
import { openSqliteStorage } from "@smimp/client/sqlite";
import { MIN_PASSPHRASE_MEMORY } from "@smimp/protocol";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { smimp, start, temporaryFolder, type Ran, type RunOptions } from "./smimp.ts";

// What ctrl-C, kill and empty texts leave behind.

let network: Network;
let folder: Awaited<ReturnType<typeof temporaryFolder>>;
let passphraseFile: string;

beforeAll(async () => {
  network = await startNetwork({ domains: ["alpha.example"] });
  folder = await temporaryFolder();
  await network.writeDevelopmentNetwork(join(folder.path, "network.json"));
  passphraseFile = await folder.write("passphrase", "correct horse battery\n");
});
afterAll(async () => {
  await network?.close();
  await folder?.remove();
});

/** A network in which alpha's server is somebody else. */
async function networkWith(answer: Answer): Promise<{ readonly file: string; close(): Promise<void> }> {
  const hosts = ["smimp.alpha.example", "alpha.example"] as const;
  const peer = await startPeer(network.authority.issue({ hosts }), answer);
  const text = JSON.stringify({ ...network.developmentNetwork(), hosts: Object.fromEntries(hosts.map((host) => [host, peer.address])) });
  return { file: await folder.write(`network-${peer.address.replaceAll(/\W/g, "-")}.json`, text), close: peer.close };
}

/** Passes everything on to the true server, up to what `endpoint` asks: that is never answered. */
function silentAt(endpoint: string, reached: () => void): Answer {
  return (incoming, outgoing) => {
    const { host = "", ...headers } = incoming.headers;
    const target = { host: "127.0.0.1", port: network.server("alpha.example").port, servername: host, ca: network.authority.certificate };
    const passing = request({ ...target, method: incoming.method, path: incoming.url, headers: { ...headers, host } }, (answer) => {
      if (incoming.url?.endsWith(endpoint) === true) return reached();
      outgoing.writeHead(answer.statusCode ?? 500, answer.headers);
      answer.pipe(outgoing);
    });
    passing.on("error", () => outgoing.destroy());
    incoming.pipe(passing);
  };
}

describe("join", () => {
  const args = (name: string, home: string, file: string): readonly string[] => [
    "join",
    "--name",
    name,
    "--passphrase-file",
    passphraseFile,
    "--development-network",
    file,
    "--home",
    home,
    "--json",
  ];

  it.each([
    ["before anything is known", "server_information", []],
    ["while the account is being opened", "initialize_account", ["mail.db"]],
  ])("ends with the first ctrl-C %s, and goes on when it is run again", async (_when, endpoint, left) => {
    const reached = Promise.withResolvers<void>();
    const silent = await networkWith(silentAt(endpoint, reached.resolve));
    const name = endpoint.replace("_", "");
    const home = join(folder.path, name);
    const { link } = await network.invite("alpha.example");
    const child = start(args(name, home, silent.file));
    let output = "";
    child.stdout.setEncoding("utf8").on("data", (text: string) => (output += text));
    child.stdin.end(link);
    const closed = once(child, "close");
    await reached.promise;
    child.kill("SIGINT");
    expect([await closed, JSON.parse(output)]).toMatchObject([[130, null], { error: { code: "cli" } }]);
    await silent.close();
    expect((await readdir(home).catch(() => [])).filter((each) => !each.startsWith("config"))).toEqual(left);
    const again = await smimp(args(name, home, join(folder.path, "network.json")), { input: link });
    expect([again.code, again.objects()]).toMatchObject([0, [{ address: `${name}#alpha.example` }]]);
  });
});

describe("a message without text", () => {
  const WRITER = "writer#alpha.example";
  const as = async (args: readonly string[], options?: RunOptions): Promise<Ran> =>
    await smimp([...args, "--home", join(folder.path, "writer"), "--json"], options);

  beforeAll(async () => {
    const home = join(folder.path, "writer");
    await mkdir(home, { mode: 0o700 });
    const cost = { memory: MIN_PASSPHRASE_MEMORY };
    const storage = await openSqliteStorage({ file: join(home, "mail.db"), passphrase: "correct horse battery", cost });
    const { client } = await newPerson(network, WRITER, { storage });
    await client.close();
    const config = { address: WRITER, passphrase_file: passphraseFile, development_network: join(folder.path, "network.json") };
    await writeFile(join(home, "config.json"), JSON.stringify(config));
  });

  it("is refused where nobody can be asked, unless a file goes with it", async () => {
    expect((await as(["send", WRITER, "-s", "Nothing", "-t", ""])).code).toBe(2);
    expect((await as(["send", WRITER, "-s", "Nothing"], { input: " \n" })).code).toBe(2);
    expect((await as(["send", WRITER, "-s", "File", "-t", "", "-a", passphraseFile])).code).toBe(0);
    expect((await as(["inbox"])).code).toBe(0);
    expect((await as(["reply", "1", "-t", ""])).code).toBe(2);
    expect((await as(["inbox", "--all", "--sent"])).objects()).toMatchObject([{ subject: "File" }]);
  });
});

describe("a text in an editor", () => {
  const EDITOR = fileURLToPath(new URL("../src/editor.ts", import.meta.url));

  /** A program that has a text edited, by an editor that says that it runs and waits. */
  async function editing(
    place: string,
    editor: string,
  ): Promise<{ readonly child: ChildProcess; readonly closed: Promise<unknown[]>; running(): Promise<string> }> {
    const code = `import { editedText } from ${JSON.stringify(EDITOR)}; console.log(await editedText("a secret draft").catch((error) => "stopped " + error.exitCode));`;
    const child = spawn(process.execPath, ["--input-type=module", "-e", code], {
      env: { PATH: process.env["PATH"] ?? "", XDG_RUNTIME_DIR: place, VISUAL: editor },
      stdio: ["ignore", "pipe", "inherit"],
    });
    const closed = once(child, "close");
    const running = async (): Promise<string> => {
      for (;;) {
        const [name] = await readdir(place);
        if (name !== undefined && (await readdir(join(place, name))).includes("running")) return name;
        await new Promise((resolve) => {
          setTimeout(resolve, 20);
        });
      }
    };
    return { child, closed, running };
  }

  async function script(text: string): Promise<string> {
    const file = await folder.write(`editor-${Math.random().toString(36).slice(2)}`, `#!/bin/sh\n${text}\n`);
    await chmod(file, 0o700);
    return file;
  }

  it("is what was left in it, and gone afterwards", async () => {
    const place = join(folder.path, "run1");
    await mkdir(place);
    const { child, closed } = await editing(place, await script('echo more >> "$1"'));
    let output = "";
    child.stdout?.on("data", (piece: Buffer) => (output += piece.toString()));
    await closed;
    expect([output, await readdir(place)]).toEqual(["a secret draftmore\n\n", []]);
  });

  it.each(["SIGTERM", "SIGHUP"] as const)("is gone when the program is told to end: %s", async (signal) => {
    const place = join(folder.path, `run-${signal}`);
    await mkdir(place);
    const { child, closed, running } = await editing(place, await script('touch "$(dirname "$1")/running"; exec sleep 60'));
    let output = "";
    child.stdout?.on("data", (piece: Buffer) => (output += piece.toString()));
    await running();
    child.kill(signal);
    await closed;
    expect([output, await readdir(place)]).toEqual(["stopped 130\n", []]);
  });

  it("is taken away by the next program where the one before was killed", async () => {
    const place = join(folder.path, "run-killed");
    await mkdir(place);
    const { child, closed, running } = await editing(
      place,
      await script('cd "$(dirname "$1")"; echo $$ > pid; touch running; exec sleep 60'),
    );
    const name = await running();
    child.kill("SIGKILL");
    const pid = Number(await readFile(join(place, name, "pid"), "utf8"));
    process.kill(pid, "SIGKILL");
    await closed;
    expect(await readdir(place)).toEqual([name]);
    const env = { XDG_RUNTIME_DIR: place };
    const home = join(folder.path, "writer");
    expect((await smimp(["inbox", "--offline", "--home", home], { env })).code).toBe(0);
    expect(await readdir(place)).toEqual([]);
  });
});
