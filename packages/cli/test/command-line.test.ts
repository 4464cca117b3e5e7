import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { smimp, temporaryFolder } from "./smimp.ts";

const MAIN = fileURLToPath(new URL("../src/main.ts", import.meta.url));

let folder: Awaited<ReturnType<typeof temporaryFolder>>;
beforeAll(async () => (folder = await temporaryFolder()));
afterAll(async () => await folder.remove());

describe("the command line", () => {
  it("explains itself on standard output", async () => {
    const help = await smimp(["--help"]);
    expect(help.code).toBe(0);
    for (const command of ["join", "send", "inbox", "read", "reply", "watch", "outbox", "contacts", "history", "serve", "account"]) {
      expect(help.stdout).toContain(`\n  ${command} `);
    }
    expect([help.stderr, (await smimp(["send", "--help"])).code, (await smimp(["--version"])).stdout]).toEqual(["", 0, "0.1.0\n"]);
  });

  it("explains commands of any depth, in either way", async () => {
    const [first, second] = await Promise.all([smimp(["help", "folders", "create"]), smimp(["folders", "create", "--help"])]);
    expect([first.code, first.stdout]).toEqual([0, second.stdout]);
    expect(first.stdout).toContain("Usage: smimp folders create");
    expect((await smimp(["help"])).stdout).toContain("Usage: smimp ");
  });

  it("completes words in bash", async () => {
    const script = `smimp() { ${JSON.stringify(process.execPath)} ${JSON.stringify(MAIN)} "$@"; }
      source <(smimp completion bash)
      for words in "smimp inb" "smimp folders cre" "smimp export --format m"; do
        COMP_WORDS=($words); COMP_CWORD=$((\${#COMP_WORDS[@]} - 1)); _smimp_completion; echo "\${COMPREPLY[*]}"
      done`.replaceAll("\\$", "$");
    const { stdout } = await promisify(execFile)("bash", ["-c", script], { env: { PATH: process.env["PATH"] ?? "" } });
    expect(stdout).toBe("inbox\ncreate\nmbox maildir\n");
  });

  it.each([
    [[]],
    [["help", "nonsense"]],
    [["help", "folders", "nonsense"]],
    [["nonsense"]],
    [["inbox", "--nonsense"]],
    [["inbox", "-n", "0"]],
    [["send"]],
    [["read"]],
    [["account", "invite", "--days", "366"]],
    [["history", "not an address"]],
    [["send", "bob", "--text", "hello"]],
  ])("says what is wrong with %j, with exit code 2", async (args) => {
    const ran = await smimp(args);
    expect([ran.code, ran.stdout]).toEqual([2, ""]);
    expect(ran.stderr).not.toBe("");
  });

  it.each([[["nonsense"]], [["inbox", "-n", "0"]], [["history", "not an address"]]])(
    "tells programs too what is wrong with %j",
    async (args) => {
      const ran = await smimp([...args, "--json"]);
      expect(ran.code).toBe(2);
      expect(ran.objects()).toMatchObject([{ error: { message: expect.stringMatching(/./) as string } }]);
    },
  );

  it("uses no colours where nobody sees them", async () => {
    const ran = await smimp(["inbox", "--home", folder.path], { env: { FORCE_COLOR: "1" } });
    expect(ran.stderr).not.toContain("\u001b");
  });

  it.each([["inbox"], ["watch"], ["outbox"], ["contacts"], ["read", "1"], ["reply", "1"]])("%s needs an account", async (...args) => {
    const ran = await smimp([...args, "--home", folder.path, "--json"]);
    expect(ran.code).toBe(1);
    expect(ran.objects()).toMatchObject([{ error: { advice: expect.stringContaining("smimp join") as string } }]);
  });

  it("takes no second account into a home", async () => {
    const home = await temporaryFolder();
    await home.write("config.json", '{"address":"alice#alpha.example"}');
    const ran = await smimp(["join", "--home", home.path]);
    await home.remove();
    expect([ran.code, ran.stderr.includes("alice#alpha.example")]).toEqual([1, true]);
  });

  it("refuses what is no invite link, and no passphrase that it can't ask for", async () => {
    const none = await smimp(["join", "--home", folder.path], { input: "hello" });
    expect([none.code, none.stderr.includes("invite link")]).toEqual([1, true]);
    const home = await temporaryFolder();
    await home.write("config.json", '{"address":"alice#alpha.example"}');
    const mute = await smimp(["inbox", "--home", home.path]);
    const missing = await smimp(["inbox", "--home", home.path, "--passphrase-file", "/nonexistent/file"]);
    await home.remove();
    expect([mute.code, mute.stderr.includes("--passphrase-file"), missing.code]).toEqual([1, true, 1]);
  });

  it("never repeats an invite link, and knows whom an email address means", async () => {
    const joined = await smimp(["join", "https://smimp.example.com/join#abcdefgh"]);
    expect([joined.code, joined.stdout]).toEqual([2, ""]);
    expect(joined.stderr).toContain("The invite link is asked for");
    expect(joined.stderr).not.toContain("abcdefgh");
    const sent = await smimp(["send", "bob@example.com", "-t", "x"]);
    expect([sent.code, sent.stderr]).toEqual([2, expect.stringContaining("did you mean bob#example.com?")]);
  });

  it.each(["{", "[]", '{"address":"alice"}'])("says that a configuration is wrong: %s", async (text) => {
    const home = await temporaryFolder();
    await home.write("config.json", text);
    const ran = await smimp(["inbox", "--home", home.path]);
    await home.remove();
    expect([ran.code, ran.stderr.includes("config.json")]).toEqual([1, true]);
  });

  it("names the setting that a server lacks", async () => {
    const config = await folder.write("server.json", "{}");
    const ran = await smimp(["serve", "--config", config, "--json"]);
    expect(ran.code).toBe(2);
    expect(ran.objects()).toMatchObject([{ error: { code: "cli" } }]);
  });
});
