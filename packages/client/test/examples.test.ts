import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import type { InboxMessage } from "@smimp/client";
import { joinMailbox, openMailbox } from "@smimp/client/node";
import { isSmimpError, parseAddress, type Hex32 } from "@smimp/protocol";
import { newPerson, startNetwork, type Network, type Person } from "@smimp/testkit";
import { afterAll, beforeAll, describe, expect, test } from "vitest";

// The programs of `examples/`, run as anybody would run them, against real servers.

const PASSPHRASE = "open sesame";
const EXAMPLES = join(import.meta.dirname, "../examples");

let network: Network;
let folder: string;
let networkFile: string;
let alice: Person;
const running = new Set<ChildProcess>();

beforeAll(async () => {
  network = await startNetwork({ domains: ["alpha.example", "beta.example"] });
  folder = await mkdtemp(join(tmpdir(), "smimp-examples-"));
  networkFile = join(folder, "network.json");
  await network.writeDevelopmentNetwork(networkFile);
  alice = await newPerson(network, "alice#alpha.example");
});
afterAll(async () => {
  for (const child of running) child.kill("SIGKILL");
  await alice.client.close();
  await network.close();
  await rm(folder, { recursive: true, force: true });
});

/** Makes a mailbox that a program of this name uses. */
async function mailbox(name: string): Promise<string> {
  const file = join(folder, `${name}.db`);
  const { link } = await network.invite("beta.example");
  const address = `${name}#beta.example`;
  const { client, phrase } = await joinMailbox({ file, passphrase: PASSPHRASE, invite: link, address, developmentNetwork: networkFile });
  expect(phrase.split(" ")).toHaveLength(24);
  await client.close();
  return file;
}

interface Program {
  readonly child: ChildProcess;
  /** Standard output, errors and exit code, once it has ended. */
  readonly ended: Promise<{ readonly out: string; readonly errors: string; readonly code: number | null }>;
}

function run(example: string, file: string, ...args: readonly string[]): Program {
  const env = { ...process.env, MAIL_FILE: file, MAIL_PASSPHRASE: PASSPHRASE, MAIL_NETWORK: networkFile };
  const child = spawn(process.execPath, [join(EXAMPLES, example), ...args], { env, stdio: ["ignore", "pipe", "pipe"] });
  running.add(child);
  const ended = Promise.all([text(child.stdout), text(child.stderr), once(child, "close")]).then(([out, errors, [code]]) => {
    running.delete(child);
    return { out, errors, code: code as number | null };
  });
  return { child, ended };
}

/** The message that answers another one, once it has come. */
async function answerTo(ref: Hex32): Promise<string> {
  for await (const event of alice.client.watch()) {
    if (event.type !== "message") continue;
    const { inReplyTo, body } = await alice.client.inbox.read(event.message.messageId);
    if (inReplyTo === ref) return body;
  }
  throw new Error("the connection ended");
}

/** Sends a question from a mailbox of a program that isn't running. */
async function askAs(file: string, to: string): Promise<Hex32> {
  await using client = await openMailbox({ file, passphrase: PASSPHRASE, developmentNetwork: networkFile });
  return (await client.send({ to: [parseAddress(to)], subject: "Tick", body: "Tock?", keepCopy: false })).ref;
}

/** All that is left in a mailbox, once everything has come. */
async function inboxOf(file: string): Promise<readonly InboxMessage[]> {
  await using client = await openMailbox({ file, passphrase: PASSPHRASE, developmentNetwork: networkFile });
  await client.sync();
  return await Promise.all((await client.inbox.list()).map(async ({ messageId }) => await client.inbox.read(messageId)));
}

describe("the examples", () => {
  test("notify.ts sends a message in ten lines", async () => {
    const source = await readFile(join(EXAMPLES, "notify.ts"), "utf8");
    expect(source.trimEnd().split("\n").length).toBeLessThanOrEqual(10);
    const file = await mailbox("backup");
    expect(await run("notify.ts", file, alice.address, "Backup done", "42 GB in 7 minutes.").ended).toEqual({
      out: "sent\n",
      errors: "",
      code: 0,
    });
    const { messages } = await alice.client.sync();
    expect(messages).toMatchObject([{ from: "backup#beta.example", subject: "Backup done", preview: "42 GB in 7 minutes." }]);
    const failed = await run("notify.ts", file, "nobody#alpha.example", "Backup done", "").ended;
    expect(failed.out).toMatch(/^failed: /);
  });

  test("bot.ts answers in twenty lines, also what came while it was away", async () => {
    const source = await readFile(join(EXAMPLES, "bot.ts"), "utf8");
    expect(source.trimEnd().split("\n").length).toBeLessThanOrEqual(20);
    const file = await mailbox("echo");
    const to = ["echo#beta.example"] as readonly string[] as Parameters<typeof alice.client.send>[0]["to"];
    const first = await alice.client.send({ to, subject: "Anybody there?", body: "One." });
    const { child, ended } = run("bot.ts", file);
    expect(await answerTo(first.ref)).toBe("You wrote: One.");
    const second = await alice.client.send({ to, subject: "And now?", body: "Two." });
    expect(await answerTo(second.ref)).toBe("You wrote: Two.");
    child.kill("SIGTERM");
    expect(await ended).toEqual({ out: "", errors: "", code: 0 });
  });

  test("two bots end with the first answer", async () => {
    const [asking, answering] = [await mailbox("tick"), await mailbox("tock")];
    const ref = await askAs(asking, "tock#beta.example");
    // A stranger's message waits for their history: it is here before the others come, whose senders wait each for a while of their own.
    expect(await inboxOf(answering)).toMatchObject([{ ref, body: "Tock?" }]);
    const bots = [run("bot.ts", asking), run("bot.ts", answering)];
    // What comes after the answer to the second question is what a loop would have brought long ago.
    const { ref: second } = await alice.client.send({ to: [parseAddress("tock#beta.example")], subject: "You there?", body: "Still?" });
    expect(await answerTo(second)).toBe("You wrote: Still?");
    const { ref: third } = await alice.client.send({ to: [parseAddress("tick#beta.example")], subject: "And you?", body: "Too?" });
    expect(await answerTo(third)).toBe("You wrote: Too?");
    for (const { child } of bots) child.kill("SIGTERM");
    for (const { ended } of bots) expect(await ended).toEqual({ out: "", errors: "", code: 0 });
    expect(await inboxOf(answering)).toEqual([]);
    expect(await inboxOf(asking)).toMatchObject([{ inReplyTo: ref, body: "You wrote: Tock?", autoReply: true }]);
  });

  test("application.ts asks a program of its own kind, and is answered", async () => {
    const [asking, answering] = [await mailbox("laptop"), await mailbox("server")];
    const server = run("application.ts", answering, "answer");
    const asked = await run("application.ts", asking, "ask", "server#beta.example").ended;
    expect(asked).toMatchObject({ errors: "", code: 0 });
    expect(asked.out).toMatch(/^server#beta\.example: [1-9][0-9]* bytes\n$/);
    server.child.kill("SIGTERM");
    expect(await server.ended).toMatchObject({ errors: "", code: 0 });
  });
});

test("join.ts makes a mailbox, and shows its words once", async () => {
  const file = join(folder, "joined.db");
  const { link } = await network.invite("beta.example");
  const { out, errors, code } = await run("join.ts", file, link, "joined#beta.example").ended;
  expect({ errors, code }).toEqual({ errors: "", code: 0 });
  expect(out.trim().split("\n").at(-1)?.split(" ")).toHaveLength(24);
  await using client = await openMailbox({ file, passphrase: PASSPHRASE, developmentNetwork: networkFile });
  expect(client.address).toBe("joined#beta.example");
});

describe("a mailbox of this machine", () => {
  test("is opened with its passphrase alone, and only where there is one", async () => {
    const file = await mailbox("carol");
    const place = { file, developmentNetwork: networkFile };
    await expect(openMailbox({ ...place, passphrase: "wrong" })).rejects.toSatisfy((error) => isSmimpError(error, "decryption_failed"));
    await expect(openMailbox({ ...place, file: `${file}.not`, passphrase: PASSPHRASE })).rejects.toThrow(TypeError);
    await using client = await openMailbox({ ...place, passphrase: PASSPHRASE });
    expect(client.address).toBe("carol#beta.example");
    expect((await client.sync()).messages).toEqual([]);
  });
});
