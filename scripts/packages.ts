// npm run test:packages: packs what others install, installs it in an empty folder, and uses it there: types, Node, a browser,
// against real servers. Needs Chromium (env CHROMIUM, or /usr/bin/chromium); ends with `N passed, N failed`.
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { hash, toHex } from "@smimp/protocol";
import { newPerson, startNetwork, type Network, type Person } from "@smimp/testkit";
import { ROOT } from "./checks/source-files.ts";
import { bundle, callPage } from "./packages/browser.ts";
import type { PageReport, PageTask } from "./packages/page.ts";
import { assertInstalled, makeProject, type Project } from "./packages/project.ts";
import { namesOnlyWhatIsThere, pack, PUBLISHED, stage } from "./packages/stage.ts";
import { reportVectors } from "./report-vectors.ts";

const HERE = join(import.meta.dirname, "packages");
const EXAMPLES = join(ROOT, "packages/client/examples");
/** Work that strangers do, 2^21 tries on average: enough that it is done in threads. */
const WORK = { count: 8, strangerBits: 21 };
const ATTACHMENT = new Uint8Array(200_000).fill(7);

const results: [name: string, problem: string | null][] = [];

async function check(name: string, work: () => Promise<void>): Promise<boolean> {
  const problem = await work().then(
    () => null,
    (error: unknown) => (error instanceof Error ? (error.stack ?? error.message) : String(error)),
  );
  results.push([name, problem === null ? null : "see above"]);
  console.log(problem === null ? `ok: ${name}` : `not ok: ${name}: ${problem}`);
  return problem === null;
}

function expect(what: string, found: unknown, wanted: unknown): void {
  const [left, right] = [JSON.stringify(found), JSON.stringify(wanted)];
  if (left !== right) throw new Error(`${what}: ${left} instead of ${right}`);
}

const folder = await mkdtemp(join(tmpdir(), "smimp-packages-"));
try {
  const tarballs: string[] = [];
  for (const room of PUBLISHED) {
    await check(`@smimp/${room} is packed, and publint finds nothing wrong with it`, async () => {
      const staged = join(folder, "staged", room);
      await stage(room, staged);
      tarballs.push(await pack(staged, join(folder, "tarballs")));
      const manifest = JSON.parse(await readFile(join(staged, "package.json"), "utf8")) as { exports: Record<string, unknown> };
      expect("names only what is there", namesOnlyWhatIsThere(staged, manifest), true);
    });
  }
  if (tarballs.length === PUBLISHED.length) await useInstalled(tarballs);
} finally {
  await rm(folder, { recursive: true, force: true });
}
reportVectors(results);

async function useInstalled(tarballs: readonly string[]): Promise<void> {
  let project: Project | undefined;
  const programs = [
    ...["join", "bot", "notify", "application", "hello-page"].map((name) => join(EXAMPLES, `${name}.ts`)),
    join(HERE, "send.ts"),
    join(HERE, "page.ts"),
  ];
  await check("the tarballs install in an empty folder, whole and without the workspace", async () => {
    project = await makeProject(join(folder, "project"), tarballs, programs);
    for (const room of PUBLISHED) await assertInstalled(project.folder, `@smimp/${room}`);
  });
  if (project === undefined) return;
  const { folder: place, node, checkTypes } = project;
  await check("programs that use them are checked by TypeScript at its strictest", checkTypes);
  await withServers(async (network, friend) => {
    await check("a program in Node joins and sends, working in threads", async () => {
      const file = join(folder, "network.json");
      await network.writeDevelopmentNetwork(file);
      const { link } = await network.invite("alpha.example");
      const report = JSON.parse(await node("send.ts", [link, "node#alpha.example", friend.address, file])) as { workers: number };
      expect(
        "what it did",
        { ...report, workers: report.workers > 0 },
        { words: 24, states: ["sent", "sent"], worked: true, workers: true },
      );
      const mailbox = { MAIL_FILE: join(place, "mail.db"), MAIL_PASSPHRASE: "open sesame", MAIL_NETWORK: file };
      expect("an example", await node("notify.ts", [friend.address, "An example", "Hello again."], mailbox), "sent\n");
      const { messages } = await friend.client.sync();
      expect(
        "what arrived",
        messages.map(({ subject, state }) => `${subject}: ${state}`),
        ["From a tarball: open", "An example: open"],
      );
    });
    let site: string | undefined;
    await check(
      "they are bundled for browsers, and nothing of Node's is in it",
      async () => void (site = await bundle(place, ["page", "hello-page"])),
    );
    const pages = site;
    if (pages === undefined) return;
    await check("the page of the README says hello", async () => {
      const { link } = await network.invite("alpha.example");
      const args = [link, "hello#alpha.example", friend.address, "Hello."];
      expect("what came of it", (await callPage(pages, network, { page: "hello-page", name: "sayHello", args })).result, "sent");
    });
    await check("a page joins, works in a Worker, sends, and reads the answer", async () => await usePage(pages, network, friend));
  });
}

async function usePage(site: string, network: Network, friend: Person): Promise<void> {
  const { link } = await network.invite("alpha.example");
  const stop = new AbortController();
  const answering = answerOne(friend, stop.signal).then(
    () => null,
    (error: unknown) => error,
  );
  try {
    const task: PageTask = { invite: link, address: "page#alpha.example", to: friend.address };
    const { result, fetched } = await callPage(site, network, { page: "page", name: "run", args: [task] });
    const { worked, ...rest } = result as PageReport;
    expect("what the page did", rest, {
      states: ["sent", "sent"],
      answer: { from: friend.address, subject: "Re: From a page", body: "300000 bytes came.", safe: true },
      attachment: toHex(hash(ATTACHMENT)),
    });
    expect("progress of work", worked > 1, true);
    expect("a worker", fetched.includes("worker.js"), true);
  } finally {
    stop.abort();
    const fault = await answering;
    if (fault !== null) console.log(fault);
  }
}

/** Answers the first message that comes, telling how large its attachment was. */
async function answerOne({ client }: Person, signal: AbortSignal): Promise<void> {
  for await (const event of client.watch({ signal })) {
    if (event.type !== "message" || event.message.own) continue;
    const { messageId, from, subject, ref, threadId, attachments: came } = await client.inbox.read(event.message.messageId);
    if (ref === null || came.length === 0) continue;
    let size = 0;
    for await (const piece of client.inbox.attachment(messageId, 0)) size += piece.length;
    const attachment = { name: "sevens.bin", mediaType: "application/octet-stream", size: ATTACHMENT.length };
    const attachments = [
      {
        ...attachment,
        open: () =>
          (async function* () {
            yield ATTACHMENT;
          })(),
      },
    ];
    await client.send({ to: [from], subject: `Re: ${subject}`, body: `${size} bytes came.`, attachments, replyTo: { ref, threadId } });
    return;
  }
}

async function withServers(work: (network: Network, friend: Person) => Promise<void>): Promise<void> {
  const network = await startNetwork({ domains: ["alpha.example", "beta.example"], config: { workPolicy: WORK } });
  try {
    const friend = await newPerson(network, "friend#beta.example");
    await work(network, friend);
    await friend.client.close();
  } finally {
    await network.close();
  }
}
