import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { mkdir, readFile, readdir, stat, writeFile } from "node:fs/promises";
import { request } from "node:https";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { openSqliteStorage } from "@smimp/client/sqlite";
import { MIN_PASSPHRASE_MEMORY } from "@smimp/protocol";
import { newPerson, startNetwork, startPeer, type Answer, type Network } from "@smimp/testkit";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { smimp, start, temporaryFolder, type Ran, type RunOptions } from "./smimp.ts";

// Two people on two domains, each at their own terminal: the real command line as processes, real servers over real TLS.

const ALICE = "alice#alpha.example";
const BOB = "bob#beta.example";
const CAROL = "carol#beta.example";
const DAVE = "dave#alpha.example";
const ERIN = "erin#beta.example";
const FRANK = "frank#beta.example";
const PASSPHRASE = "correct horse battery";

let network: Network;
let folder: Awaited<ReturnType<typeof temporaryFolder>>;
let networkFile: string;
let passphraseFile: string;

const homeOf = (who: string): string => join(folder.path, who.replace("#", "-"));

async function as(who: string, args: readonly string[], options: RunOptions = {}): Promise<Ran> {
  return await smimp([...args, "--home", homeOf(who)], options);
}

/** Joins as a person does who sits at no terminal. */
async function joinAs(who: string, ...more: string[]): Promise<Ran> {
  const [name = "", domain = ""] = who.split("#");
  const { link } = await network.invite(domain);
  const args = ["join", "--name", name, "--passphrase-file", passphraseFile, "--development-network", networkFile, ...more];
  return await as(who, args, { input: `${link}\n` });
}

/** The same home as a join makes, but for a passphrase that costs less to try: each command stretches it once. */
async function settle(who: string, name: string): Promise<void> {
  const home = homeOf(who);
  await mkdir(home, { mode: 0o700 });
  const storage = await openSqliteStorage({ file: join(home, "mail.db"), passphrase: PASSPHRASE, cost: { memory: MIN_PASSPHRASE_MEMORY } });
  const { client } = await newPerson(network, who, { storage, name });
  await client.close();
  await writeFile(
    join(home, "config.json"),
    JSON.stringify({ address: who, passphrase_file: passphraseFile, development_network: networkFile }),
  );
}

/** The newest message of somebody, as programs see it. */
async function newest(who: string): Promise<Record<string, unknown>> {
  const ran = await as(who, ["inbox", "--json"]);
  expect(ran.code).toBe(0);
  const [first] = ran.objects();
  return first ?? {};
}

beforeAll(async () => {
  network = await startNetwork({ domains: ["alpha.example", "beta.example"] });
  folder = await temporaryFolder();
  networkFile = join(folder.path, "network.json");
  await network.writeDevelopmentNetwork(networkFile);
  passphraseFile = await folder.write("passphrase", `${PASSPHRASE}\n`);
  await Promise.all([settle(ALICE, "Alice \u001b[31mA."), settle(BOB, "Bob"), settle(CAROL, "Carol")]);
});

afterAll(async () => {
  await network?.close();
  await folder?.remove();
});

describe("join", () => {
  it("gives an address and the 24 words to programs", async () => {
    const ran = await joinAs(DAVE, "--json", "--full-name", "Dave");
    expect([ran.code, ran.stderr]).toEqual([0, ""]);
    const [account] = ran.objects();
    expect(account).toMatchObject({ address: DAVE, server: "https://smimp.alpha.example/" });
    expect(String(account?.["recovery_phrase"]).split(" ")).toHaveLength(24);
  });

  it("keeps what it writes from other users, and the passphrase out of the home", async () => {
    const home = homeOf(DAVE);
    expect((await stat(home)).mode & 0o777).toBe(0o700);
    expect((await readdir(home)).toSorted()).toEqual(expect.arrayContaining(["config.json", "mail.db"]));
    for (const name of await readdir(home)) {
      /* oxlint-disable no-await-in-loop */
      expect([name, (await stat(join(home, name))).mode & 0o077]).toEqual([name, 0]);
      expect((await readFile(join(home, name))).includes(PASSPHRASE)).toBe(false);
      /* oxlint-enable no-await-in-loop */
    }
    expect((await as(DAVE, ["inbox"])).code).toBe(0);
  });

  it("tells a person what to do with the words, and refuses an invite that was used", async () => {
    const { link } = await network.invite("beta.example");
    const args = ["--passphrase-file", passphraseFile, "--development-network", networkFile];
    const first = await as(ERIN, ["join", "--name", "erin", ...args], { input: link });
    expect([first.code, first.stdout.includes(ERIN), first.stdout.includes("on paper")]).toEqual([0, true, true]);
    expect(first.stdout).toMatch(/ 1\. [a-z]+ +7\. [a-z]+ +13\. [a-z]+ +19\. [a-z]+/);
    const second = await as(FRANK, ["join", "--name", "frank", "--json", ...args], { input: link });
    expect([second.code, second.objects()]).toMatchObject([1, [{ error: { code: "unauthenticated" } }]]);
    expect(await readdir(homeOf(FRANK))).toEqual([]);
  });

  it("gives no address twice", async () => {
    const { link } = await network.invite("beta.example");
    const args = ["--passphrase-file", passphraseFile, "--development-network", networkFile, "--json"];
    const ran = await as(FRANK, ["join", "--name", "carol", ...args], { input: link });
    expect([ran.code, ran.objects()]).toMatchObject([1, [{ error: { code: "already_initialized" } }]]);
  });

  it("goes on with the same keys where the server's answer was lost", async () => {
    const { link } = await network.invite("beta.example");
    const peer = await startPeer(network.authority.issue({ hosts: ["smimp.beta.example", "beta.example"] }), losing("initialize_account"));
    const args = ["join", "--name", "frank", "--passphrase-file", passphraseFile, "--json", "--development-network"];
    const hosts = { "smimp.beta.example": peer.address, "beta.example": peer.address };
    const broken = await folder.write("broken.json", JSON.stringify({ ...network.developmentNetwork(), hosts }));
    const first = await as(FRANK, [...args, broken], { input: link });
    await peer.close();
    expect([first.code, first.objects()]).toMatchObject([3, [{ error: { advice: expect.stringContaining("same") as string } }]]);
    const second = await as(FRANK, [...args, networkFile], { input: link });
    expect([second.code, second.objects()]).toMatchObject([0, [{ address: FRANK }]]);
  });
});

/** Passes everything on to beta's server up to that endpoint's answer; with it the line breaks, and stays broken. */
function losing(endpoint: string): Answer {
  let broken = false;
  return (incoming, outgoing) => {
    if (broken) return void outgoing.socket?.destroy();
    const { host = "", ...headers } = incoming.headers;
    const target = { host: "127.0.0.1", port: network.server("beta.example").port, servername: host, ca: network.authority.certificate };
    const passing = request({ ...target, method: incoming.method, path: incoming.url, headers: { ...headers, host } }, (answer) => {
      broken ||= incoming.url?.endsWith(endpoint) === true;
      if (broken) return void outgoing.socket?.destroy();
      outgoing.writeHead(answer.statusCode ?? 500, answer.headers);
      answer.pipe(outgoing);
    });
    passing.on("error", () => outgoing.destroy());
    incoming.pipe(passing);
  };
}

describe("a message", () => {
  it("goes to another domain, is listed, read and answered", async () => {
    const sent = await as(ALICE, ["send", BOB, "-s", "Lunch", "-t", "Today at **one**?", "--json"]);
    expect([sent.code, sent.objects()]).toMatchObject([0, [{ to: BOB, state: "sent", reason: null }]]);

    const listed = await as(BOB, ["inbox"]);
    expect([listed.code, listed.stdout.includes(ALICE), listed.stdout.includes("Lunch")]).toEqual([0, true, true]);
    expect(await newest(BOB)).toMatchObject({ number: 1, from: ALICE, state: "open", subject: "Lunch", read: false, first_contact: true });

    const read = await as(BOB, ["read", "1"]);
    expect([read.code, read.stdout.includes("Today at **one**?")]).toEqual([0, true]);
    expect(await newest(BOB)).toMatchObject({ subject: "Lunch", read: true });

    const reply = await as(BOB, ["reply", "1", "--json"], { input: "Yes, gladly.\n" });
    expect([reply.code, reply.objects()]).toMatchObject([0, [{ to: ALICE, state: "sent" }]]);
    const answer = await newest(ALICE);
    expect(answer).toMatchObject({ from: BOB, subject: "Re: Lunch" });
    const text = await as(ALICE, ["read", String(answer["message_id"]).slice(0, 12), "--json"]);
    expect(text.objects()).toMatchObject([{ body: "Yes, gladly.\n", to: [ALICE] }]);
  });

  it("costs a known correspondent two requests", async () => {
    const sent = await as(ALICE, ["send", BOB, "-t", "again", "--no-copy", "--json"]);
    expect(sent.objects()).toMatchObject([{ state: "sent", requests: 2 }]);
  });

  it("takes files along, bit by bit, and never overwrites one", async () => {
    const content = randomBytes(3 * 1024 * 1024 + 7);
    const file = join(folder.path, "picture of us.png");
    await writeFile(file, content);
    const sent = await as(ALICE, ["send", BOB, "-s", "Picture", "-t", "", "-a", file, "--json"]);
    expect(sent.code).toBe(0);
    expect((await newest(BOB))["subject"]).toBe("Picture");
    const into = join(folder.path, "saved");
    for (const name of ["picture of us.png", "picture of us (2).png"]) {
      // oxlint-disable-next-line no-await-in-loop -- one after the other is the point
      const read = await as(BOB, ["read", "1", "--save", into, "--json"]);
      expect([read.code, read.objects()]).toMatchObject([
        0,
        [{ attachments: [{ name: "picture of us.png", media_type: "image/png", size: content.length }], saved: [join(into, name)] }],
      ]);
      // oxlint-disable-next-line no-await-in-loop
      expect((await readFile(join(into, name))).equals(content)).toBe(true);
    }
    expect((await readdir(into)).toSorted()).toEqual(["picture of us (2).png", "picture of us.png"]);
  });

  it("goes to several people, copies included, blind ones unseen", async () => {
    const sent = await as(ALICE, ["send", BOB, "--bcc", CAROL, "-s", "All", "--json"], { input: "from a pipe" });
    expect([
      sent.code,
      sent
        .objects()
        .map(({ to, state }) => `${String(to)} ${String(state)}`)
        .toSorted(),
    ]).toEqual([0, [`${BOB} sent`, `${CAROL} sent`]]);
    await newest(CAROL);
    const read = await as(CAROL, ["read", "1", "--json"]);
    expect(read.objects()).toMatchObject([{ subject: "All", body: "from a pipe", to: [BOB], cc: [] }]);
  });

  it("shows nothing that a terminal would act on", async () => {
    const file = join(folder.path, "evil\u001b[2J\u202egnp.txt");
    await writeFile(file, "x");
    const letter = await folder.write("letter.txt", "one\ntwo\u001b]0;title\u0007\u009b31m");
    expect((await as(ALICE, ["send", BOB, "-s", "Hi\u001b[2J\nthere", "-f", letter, "-a", file])).code).toBe(0);
    const shown = [await as(BOB, ["inbox"]), await as(BOB, ["read", "1", "--save", join(folder.path, "evil")])];
    for (const { code, stdout, stderr } of shown) {
      expect(code).toBe(0);
      // oxlint-disable-next-line no-control-regex -- they are what must not be there
      expect(stdout + stderr).not.toMatch(/[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u202e]/);
    }
    expect(shown[1]?.stdout).toContain("one\ntwo");
    // oxlint-disable-next-line no-control-regex
    for (const name of await readdir(join(folder.path, "evil"))) expect(name).not.toMatch(/[\u001b\u202e/]/);
  });

  it("is not sent to nobody, and says why", async () => {
    const nobody = await as(ALICE, ["send", "nobody#beta.example", "-t", "hello", "--json"]);
    expect([nobody.code, nobody.objects()[0]]).toMatchObject([1, { state: "failed", reason: "unknown_user" }]);
    const both = await as(ALICE, ["send", BOB, "nobody#beta.example", "-t", "hello"]);
    expect([both.code, both.stdout.includes(`${BOB}: sent`), both.stdout.includes("nobody#beta.example: not sent")]).toEqual([
      1,
      true,
      true,
    ]);
    expect((await as(ALICE, ["send", BOB, "-t", "x", "-a", "/nonexistent/file"])).code).toBe(1);
    expect((await as(ALICE, ["read", "999"])).code).toBe(1);
  });

  it("waits in the outbox for a server that is away", async () => {
    network.addHost("gamma.example", "127.0.0.1:1");
    await network.writeDevelopmentNetwork(networkFile);
    const sent = await as(ALICE, ["send", "dora#gamma.example", "-t", "hello", "--json"]);
    expect([sent.code, sent.objects()[0]]).toMatchObject([3, { state: "queued", reason: "temporarily_unavailable" }]);
    const waiting = (await as(ALICE, ["outbox", "--json"])).objects().find(({ to }) => to === "dora#gamma.example");
    expect(waiting).toMatchObject({ state: "queued" });
    expect((await as(ALICE, ["outbox", "--retry"])).code).toBe(3);
    expect((await as(ALICE, ["outbox", "--remove", String(waiting?.["id"]), "--yes"])).code).toBe(0);
    expect((await as(ALICE, ["outbox", "--json"])).objects().filter(({ to }) => to === "dora#gamma.example")).toEqual([]);
  });
});

describe("watch", () => {
  it("shows a message as it comes, and ends with ctrl-C", async () => {
    const watching = start(["watch", "--json", "--home", homeOf(BOB)]);
    const seen: Record<string, unknown>[] = [];
    let connected: () => void = () => undefined;
    let arrived: () => void = () => undefined;
    const connecting = new Promise<void>((resolve) => (connected = resolve));
    const arriving = new Promise<void>((resolve) => (arrived = resolve));
    createInterface(watching.stdout).on("line", (line) => {
      const event = JSON.parse(line) as Record<string, unknown>;
      seen.push(event);
      if (event["event"] === "connection" && event["state"] === "connected") connected();
      if (event["event"] === "message" && event["subject"] === "Live") arrived();
    });
    const closed = once(watching, "close");
    await Promise.race([connecting, closed]);
    expect((await as(ALICE, ["send", BOB, "-s", "Live", "-t", "now"])).code).toBe(0);
    await Promise.race([arriving, closed]);
    const meanwhile = await as(BOB, ["inbox", "--json"]);
    expect([meanwhile.code, meanwhile.objects()[0]]).toMatchObject([0, { subject: "Live" }]);
    watching.kill("SIGINT");
    expect(await closed).toEqual([0, null]);
    expect(seen).toContainEqual(expect.objectContaining({ event: "message", from: ALICE, subject: "Live" }));
  });
});

describe("contacts", () => {
  it("have the same safety number on both sides, and are marked once compared", async () => {
    const [seenByAlice] = (await as(ALICE, ["contacts", BOB, "--json"])).objects();
    const [seenByBob] = (await as(BOB, ["contacts", ALICE, "--json"])).objects();
    expect(seenByAlice?.["safety_number"]).toMatch(/^[0-9]{60}$/);
    expect(seenByBob?.["safety_number"]).toBe(seenByAlice?.["safety_number"]);
    expect((await as(ALICE, ["contacts", BOB, "--verified"])).code).toBe(0);
    expect((await as(ALICE, ["contacts", "--json"])).objects()).toContainEqual(expect.objectContaining({ address: BOB, verified: true }));
    expect((await as(ALICE, ["contacts", "stranger#beta.example"])).code).toBe(1);
  });

  it("have a history that anybody can check, without control characters in their names", async () => {
    const ran = await smimp(["history", ALICE, "--home", join(folder.path, "none"), "--development-network", networkFile]);
    expect([ran.code, ran.stdout.includes("Alice"), ran.stdout.includes("\u001b")]).toEqual([0, true, false]);
  });
});

describe("the passphrase", () => {
  it("opens nothing when it is wrong", async () => {
    const wrong = await folder.write("wrong", "something else\n");
    const ran = await as(ALICE, ["inbox", "--passphrase-file", wrong]);
    expect([ran.code, /passphrase/i.test(ran.stderr)]).toEqual([1, true]);
  });

  it("is read from the file that the environment names", async () => {
    const home = join(folder.path, "moved");
    await mkdir(home);
    for (const name of await readdir(homeOf(CAROL))) {
      // oxlint-disable-next-line no-await-in-loop
      await writeFile(join(home, name), await readFile(join(homeOf(CAROL), name)));
    }
    await writeFile(join(home, "config.json"), JSON.stringify({ address: CAROL, development_network: networkFile }));
    const args = ["inbox", "--offline", "--home", home];
    expect((await smimp(args)).code).toBe(1);
    expect((await smimp(args, { env: { SMIMP_PASSPHRASE_FILE: passphraseFile } })).code).toBe(0);
  });
});

describe("without a server", () => {
  it("what is here already can be read", async () => {
    const before = (await as(CAROL, ["inbox", "--json"])).objects();
    const away = await folder.write(
      "away.json",
      JSON.stringify({ ...network.developmentNetwork(), hosts: { "smimp.beta.example": "127.0.0.1:1" } }),
    );
    const config = join(homeOf(CAROL), "config.json");
    const text = await readFile(config, "utf8");
    await writeFile(config, JSON.stringify({ ...(JSON.parse(text) as object), development_network: away }));
    const ran = await as(CAROL, ["inbox", "--json"]);
    const read = await as(CAROL, ["read", "1"]);
    await writeFile(config, text);
    expect(before.length).toBeGreaterThan(0);
    expect([ran.code, ran.objects().slice(0, -1).length]).toEqual([3, before.length]);
    expect(ran.objects().at(-1)).toMatchObject({ error: { code: "temporarily_unavailable" } });
    expect(read.code).toBe(0);
  });
});
