import { accountState, createAccount, openClient, type ClientDeps } from "@smimp/client";
import { openSqliteStorage } from "@smimp/client/sqlite";
import { domainOf, parseAddress, randomBytes } from "@smimp/protocol";
import { assureDatabase } from "../invariants/database.ts";
import { assureKeystore } from "../invariants/keystore.ts";
import { assure, Violation } from "../violation.ts";
import { NOTHING } from "./messages.ts";
import type { Pace, Plan } from "./plan.ts";
import { JOIN, PASSPHRASE, type Program } from "./program.ts";
import { assureFile, assureOutcome, strike } from "./round.ts";
import type { Stage } from "./stage.ts";
import { setTimeout as delay } from "node:timers/promises";

/** Somebody joins while they, or a server, are killed; then they go on: the same address, the same phrase, and all of it works. */
export async function playJoin(stage: Stage, plan: Plan, name: string, program: Program, pace: Pace): Promise<void> {
  const domain = plan.actor % 2 === 0 ? "alpha.example" : "beta.example";
  const address = parseAddress(`${name}#${domain}`);
  const { baseUrl, code } = await stage.network.invite(domainOf(address), address);
  const file = stage.fileOf(name);
  let shown: string | null = null;

  await program.open(file, stage.network.developmentNetwork(), stage.ahead());
  const started = performance.now();
  const order = { ...NOTHING, joining: { address, baseUrl, code } };
  const working = program.do(JOIN, order, (note) => {
    if (note.what === "phrase") shown = note.phrase;
  });
  void working.then(({ kind }) => (kind === "done" ? pace.learn(JOIN, performance.now() - started) : undefined));
  await delay(pace.of(JOIN) * plan.moment);
  assureOutcome(await strike(stage, plan, address, program, working), plan);
  await program.kill();
  assureFile(file);
  for (const node of stage.nodes) await assureDatabase(node);

  const deps: ClientDeps = { fetch: stage.network.fetch, clock: stage.clock, random: randomBytes, jitter: 0, work: { threads: 0 } };
  const storage = await openSqliteStorage({ file, passphrase: PASSPHRASE });
  const state = await accountState(storage);
  assure(state !== "open" || shown !== null, `${address} has an account, and nobody was shown its phrase`);
  const { client, phrase } =
    state === "open"
      ? { client: await openClient({ storage, deps }), phrase: shown ?? "" }
      : await createAccount({ storage, invite: { baseUrl, code }, address, deps });
  try {
    assure(shown === null || shown === phrase, `${address} was shown two phrases`);
    assureKeystore(stage, { address, phrases: [phrase] });
    await client.sync();
  } catch (error) {
    if (error instanceof Violation) throw error;
    throw new Violation(`${address} has joined and can't sync: ${String(error)}`);
  } finally {
    await client.close();
  }
}
