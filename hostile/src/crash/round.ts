import { DatabaseSync } from "node:sqlite";
import { setTimeout as delay } from "node:timers/promises";
import type { Address, Hex32 } from "@smimp/protocol";
import { assureDatabase } from "../invariants/database.ts";
import { mayBe, mustBe, type NoteKind } from "../ledger.ts";
import { assure, Violation } from "../violation.ts";
import type { Deed } from "./deed.ts";
import type { Note } from "./messages.ts";
import type { Pace, Plan } from "./plan.ts";
import { orderFor, otherThan, prepare, writeTo } from "./prepare.ts";
import type { Outcome, Program } from "./program.ts";
import { comeToRest } from "./rest.ts";
import type { Stage } from "./stage.ts";

/** How long a program may take to say what became of its deed when a server is gone, milliseconds. */
const LONGEST_WORD = 100_000;

/** Kills of which some must have fallen inside a deed: else nothing is tried here. */
const ENOUGH = 10;

/** Lets somebody do something, kills who is to be killed, starts them again, and looks whether anything is lost or there twice. */
export async function playRound(stage: Stage, plan: Plan, deed: Deed, program: Program, pace: Pace): Promise<void> {
  const actor = stage.people[plan.actor % stage.people.length];
  if (actor === undefined) throw new TypeError("nobody is there");
  await prepare(stage, actor, deed);
  const watch = await deed.watch?.(stage, actor);
  const order = { ...orderFor(stage, actor, plan), ...watch?.order };
  await actor.device.close();

  await program.open(actor.device.file, stage.network.developmentNetwork(), stage.ahead());
  const started = performance.now();
  const working = program.do(deed.name, order, (note) => takeNote(stage, actor.address, note));
  const noise = plan.noise ? writeTo(stage, otherThan(stage, actor, plan.which), actor, "sent") : Promise.resolve();
  void working.then(({ kind }) => (kind === "done" ? pace.learn(deed.name, performance.now() - started) : undefined));
  await delay(pace.of(deed.name) * plan.moment);

  const outcome = await strike(stage, plan, actor.address, program, working);
  assureOutcome(outcome, plan);
  await noise;
  await program.kill();
  assureFile(actor.device.file);
  for (const node of stage.nodes) await assureDatabase(node);
  await comeToRest(stage);
  await watch?.after(outcome);
}

/** Kills, and starts again what is a server. Returns what the program said last. */
export async function strike(
  stage: Stage,
  { victims, late }: Plan,
  address: Address,
  program: Program,
  working: Promise<Outcome>,
): Promise<Outcome> {
  let ended = false;
  void working.then(() => (ended = true));
  // It may have ended, and be heard of in this very turn.
  await new Promise<void>((resolve) => void setImmediate(resolve));
  stage.strikes.all++;
  if (!ended) stage.strikes.inside++;
  const { all, inside } = stage.strikes;
  assure(all < ENOUGH || inside > 0, `none of ${all} kills fell inside a deed`);
  const own = stage.processOf(address);
  const other = stage.network.servers.find((server) => server.process !== own)?.process ?? own;
  const server = victims === "other server" ? other : own;
  const killed: Promise<void>[] = [];
  if (victims.includes("program")) killed.push(program.kill());
  if (victims.includes("server")) killed.push(server.kill());
  await Promise.all(killed);
  const back = async (): Promise<void> => (victims.includes("server") ? await server.restart() : undefined);
  if (!late) await back();
  const silence = new AbortController();
  const word = await Promise.race([working, delay(LONGEST_WORD, null, { signal: silence.signal })]);
  silence.abort();
  if (late) await back();
  if (word === null) throw new Violation("the program says nothing of what became of its deed");
  return word;
}

/** What was killed ends; everything else says what it could not do. */
export function assureOutcome(outcome: Outcome, { victims }: Plan): void {
  assure(outcome.kind !== "failed", `the program failed: ${outcome.kind === "failed" ? outcome.reason : ""}`);
  assure(outcome.kind !== "killed" || victims.includes("program"), "the program ended though nobody killed it");
}

/** The client's file is whole, whenever its program was killed. */
export function assureFile(file: string): void {
  const database = new DatabaseSync(file);
  try {
    const check = database.prepare("PRAGMA integrity_check").all();
    assure(check.length === 1 && check[0]?.["integrity_check"] === "ok", `the file of a program that was killed is damaged`);
  } finally {
    database.close();
  }
}

/** What stands noted of a message that nobody has touched. */
const AS_IT_CAME: Readonly<Record<NoteKind, string>> = { read: "false", starred: "false", labels: "", folder: "null" };

function takeNote({ ledger }: Stage, address: Address, note: Note): void {
  const facts = ledger.mailbox(address);
  const { removed, removedIds } = facts;
  if (note.what === "promised") {
    const sent = ledger.sent.get(note.subject);
    if (sent !== undefined) sent.promised = true;
  } else if (note.what === "drafted") ledger.drafts.add(note.subject);
  else if (note.what === "noting") mayBe(facts, note.kind, note.subject, note.value, AS_IT_CAME[note.kind]);
  else if (note.what === "noted") mustBe(facts, note.kind, note.subject, note.value);
  else if (note.what === "removing") removed.set(note.subject, "tried");
  else if (note.what === "removed") {
    removed.set(note.subject, "certain");
    removedIds.add(note.messageId as Hex32);
  }
}
