import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, relative, resolve } from "node:path";
import { parseArgs } from "node:util";
import { parseAddress } from "@smimp/protocol";
import { newPerson, startNetwork, type Network } from "@smimp/testkit";
import { webClientDir } from "@smimp/web/files";
import { writeBrowserScript } from "./browser.ts";
import { claimFolder } from "./folder.ts";
import { createHome } from "./home.ts";
import { jsonReport, peopleReport, type Report } from "./report.ts";
import { createRunner } from "./runner.ts";
import { writeServerFile } from "./server-file.ts";
import { ALICE, BOB, play } from "./story.ts";

// `npm start` and `npm run demo`: two domains, two people, one sealed conversation, over real HTTPS on this machine alone.

const USAGE = `Usage: npm start | npm run demo [-- --json]

  --stay        leaves the servers running, with data in ./demo-data (this is what npm start does)
  --data DIR    another folder for --stay
  --json        one JSON object per line and step, and nothing else
  --help        this text
`;

async function main(): Promise<number> {
  const { values } = parseArgs({
    options: {
      stay: { type: "boolean", default: false },
      json: { type: "boolean", default: false },
      help: { type: "boolean", default: false },
      data: { type: "string", default: "demo-data" },
    },
  });
  if (values.help) {
    process.stdout.write(USAGE);
    return 0;
  }
  const report = values.json ? jsonReport((text) => process.stdout.write(text)) : peopleReport(process.stdout, process.env);
  const stopped = stopSignal();
  const dataDir = values.stay ? resolve(values.data) : await mkdtemp(join(tmpdir(), "smimp-demo-"));
  const release = values.stay ? await claimFolder(dataDir) : async (): Promise<void> => await rm(dataDir, { recursive: true, force: true });
  let network: Network | null = null;
  let performing: Promise<boolean> | null = null;
  try {
    const webDir = webClientDir();
    const config = webDir === null ? {} : { config: { webDir } };
    network = await startNetwork({ domains: [], dataDir: join(dataDir, "servers"), ...config });
    const stage = untilStopped(report, stopped);
    performing = perform(network, dataDir, stage);
    const ok = await Promise.race([performing, stopped.then(() => null)]);
    if (ok === null) {
      report.say("\nStopped.");
      return STOPPED;
    }
    if (ok && values.stay) {
      for (const server of network.servers) await writeServerFile(server, join(dataDir, "servers"));
      report.say("\nBoth servers go on running until you press ctrl-C.");
      if (webDir !== null) await sayHowToBrowse(report, network, dataDir);
      sayWhatToTry(report, shortPath(dataDir));
      await stopped;
      report.say("\nThe servers stop. Good-bye!");
    }
    return ok ? 0 : 1;
  } finally {
    await network?.close();
    // Without servers a step that was interrupted ends soon; until then it may still write to the folder.
    await performing;
    await release();
  }
}

/** Exit status after ctrl-C before the end, as shells have it. */
const STOPPED = 130;

/** Plays the story; true when every step was ok. */
async function perform(network: Network, dataDir: string, report: Report): Promise<boolean> {
  report.say("SMIMP: two domains, two people, one sealed conversation. Everything runs on this machine.\n");
  const runner = createRunner(report);
  const networkFile = join(dataDir, "network.json");
  const { people } = await play({
    network,
    runner,
    report,
    dataDir,
    join: async (who) => {
      await network.writeDevelopmentNetwork(networkFile);
      const storage = await createHome(join(dataDir, who.name.toLowerCase()), parseAddress(who.address), networkFile);
      return await newPerson(network, who.address, { storage, name: who.name, recordBodies: true });
    },
  });
  // The command line opens the same homes next.
  await Promise.all(people.map(async (each) => await each.client.close()));
  return runner.finish();
}

function sayWhatToTry(report: Report, folder: string): void {
  const alice = `npx smimp --home ${folder}/alice`;
  const bob = `npx smimp --home ${folder}/bob`;
  report.say(`
On the command line, Alice and Bob have accounts already. Try this in another terminal:

  ${bob} inbox
  ${bob} read 1
  ${alice} history '${BOB.address}'
  ${alice} send '${BOB.address}' -s "Lunch?" -t "At one, the usual place."
  ${bob} inbox
  ${bob} reply 1 -t "Gladly, ${ALICE.name}."
  ${alice} watch

A third person needs an invite, whose link they are asked for when they join:

  npx smimp account --config ${folder}/servers/${ALICE.domain}.json invite 'carol#${ALICE.domain}'
  npx smimp --home ${folder}/carol join --name carol --development-network ${folder}/network.json
`);
}

/** Two more people may join in a browser: their links, and what opens a browser that finds this machine's servers. */
async function sayHowToBrowse(report: Report, network: Network, dataDir: string): Promise<void> {
  const guests = await Promise.all(
    network.servers.slice(0, 2).map(async ({ domain }, index) => {
      const { link } = await network.invite(domain);
      return { name: ["carol", "dave"][index] ?? "guest", link };
    }),
  );
  const script = await writeBrowserScript(dataDir, network, guests);
  const lines = guests.map(({ name, link }) => `  sh ${join(shortPath(dataDir), script)} ${name.padEnd(6)} # ${link}`);
  report.say(`Join in a browser, as two people; each of these commands, in another terminal, opens a Chromium that finds these servers:

${lines.join("\n")}

Each link is good for one account. Choose a name, and write to the other, to ${ALICE.address} or to ${BOB.address}.
`);
}

/** How a person standing here would name a folder. */
function shortPath(folder: string): string {
  const short = relative(process.cwd(), folder);
  return short === "" || short.startsWith("..") ? folder : short;
}

/** A report that falls silent once the demo is stopped: what fails from then on fails because the servers are gone. */
function untilStopped(report: Report, stopped: Promise<void>): Report {
  let silent = false;
  void stopped.then(() => {
    silent = true;
  });
  return {
    begin: (step, doing) => silent || report.begin(step, doing),
    progress: (fraction) => silent || report.progress(fraction),
    end: (result, proven) => silent || report.end(result, proven),
    say: (line) => silent || report.say(line),
  };
}

/** Resolves at the first ctrl-C or SIGTERM. */
function stopSignal(): Promise<void> {
  const { promise, resolve: stop } = Promise.withResolvers<void>();
  process.once("SIGINT", () => stop());
  process.once("SIGTERM", () => stop());
  return promise;
}

try {
  process.exitCode = await main();
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
}
