import { once } from "node:events";
import { mkdir, readdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { baseUrlOf, createAuthority, hostsOf } from "@smimp/testkit";
import { start, temporaryFolder } from "./smimp.ts";

// `smimp serve` as a process: what it leaves and says when it ends in a way that nobody foresaw (docs/self-hosting.md, "Running").

const WORDS = "wordsthatsomebodysent";
/** Node as somebody set it up who wants to know of every crash. */
const REPORTS = "--report-uncaught-exception --report-on-signal --report-on-fatalerror";
/** A way to have an error that nobody awaits. */
const FAULT = `process.on("SIGHUP", () => { throw new TypeError("${WORDS}"); });\n`;

let folder: Awaited<ReturnType<typeof temporaryFolder>>;
let config: string;
let env: Readonly<Record<string, string>>;
beforeAll(async () => {
  folder = await temporaryFolder();
  env = { NODE_OPTIONS: `${REPORTS} --import=${await folder.write("fault.mjs", FAULT)}`, PLANTED: WORDS };
  const { key, certificate } = createAuthority().issue({ hosts: hostsOf("alpha.example") });
  await writeFile(join(folder.path, "key.pem"), key);
  await writeFile(join(folder.path, "certificate.pem"), certificate);
  config = await folder.write(
    "server.json",
    JSON.stringify({
      baseUrl: baseUrlOf("alpha.example"),
      domains: ["alpha.example"],
      dataDir: join(folder.path, "data"),
      host: "127.0.0.1",
      port: 0,
      tlsKeyFile: join(folder.path, "key.pem"),
      tlsCertificateFile: join(folder.path, "certificate.pem"),
    }),
  );
});
afterAll(async () => await folder.remove());

describe("smimp serve, where Node was told to write reports", () => {
  it.each([
    ["SIGUSR2", null],
    ["SIGHUP", 1],
  ] as const)("ended by %s leaves none, and says nothing of what an error holds", async (signal, code) => {
    const cwd = join(folder.path, signal);
    await mkdir(cwd);
    const child = start(["serve", "--config", config, "--json"], { cwd, env });
    let said = "";
    for (const stream of [child.stdout, child.stderr]) stream.setEncoding("utf8").on("data", (text: string) => (said += text));
    const closed = once(child, "close");
    try {
      await expect.poll(() => said, { timeout: 20_000 }).toContain('"serving"');
      child.kill(signal);
      await closed;
    } finally {
      child.kill("SIGKILL");
    }
    expect(child.exitCode).toBe(code);
    expect(await readdir(cwd)).toEqual([]);
    expect(said).not.toContain(WORDS);
    expect(said.includes("unforeseen error")).toBe(code === 1);
  });
});
