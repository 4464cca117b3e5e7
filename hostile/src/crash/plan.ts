import type { Chooser } from "../chooser.ts";
import { DEEDS } from "./deeds/all.ts";
import type { Deed } from "./deed.ts";
import { JOIN } from "./program.ts";

/** Who is killed: the person's program, their server, the other domain's server, or program and own server together. */
export type Victims = "program" | "own server" | "other server" | "program and own server";

/** One round: what somebody does, and who is killed meanwhile. */
export interface Plan {
  /** Number of the person. */
  readonly actor: number;
  /** Null: somebody joins. */
  readonly deed: Deed | null;
  readonly victims: Victims;
  /** When, as a part of the time that the deed usually takes. */
  readonly moment: number;
  /** Bytes of attachments, where the deed takes some. */
  readonly sizes: readonly number[];
  /** Which of several. */
  readonly which: number;
  /** Whether the server that was killed comes back only when the program has said what became of its deed. */
  readonly late: boolean;
  /** Whether somebody else writes to the person meanwhile. */
  readonly noise: boolean;
}

const VICTIMS: readonly Victims[] = ["program", "program", "own server", "own server", "other server", "program and own server"];
const SIZES = [0, 1_000, 65_536, 300_000, 2_000_000] as const;
/** Of so many rounds, in one somebody joins. */
const JOIN_OF = 12;
/** Moments go a little over the usual time: a program that has just ended must have lost nothing either. */
const MOMENTS = 1_150;

/** Chooses a round. */
export function choosePlan(chooser: Chooser): Plan {
  return {
    actor: chooser.integer(1_000),
    deed: chooser.once(JOIN_OF) ? null : chooser.weighted(DEEDS),
    victims: chooser.one(VICTIMS),
    moment: chooser.integer(MOMENTS) / 1_000,
    sizes: Array.from({ length: chooser.one([0, 0, 1, 2]) }, () => chooser.one(SIZES)),
    which: chooser.integer(1_000),
    late: chooser.once(2),
    noise: chooser.once(3),
  };
}

/** A round in words. */
export function planText({ deed, victims, moment, late, noise }: Plan): string {
  const extra = `${late ? ", back late" : ""}${noise ? ", with noise" : ""}`;
  return `${deed?.name ?? JOIN}, ${victims} killed at ${Math.round(moment * 100)} %${extra}`;
}

/** How long deeds take, learned from those that were done. */
export interface Pace {
  of(name: string): number;
  learn(name: string, milliseconds: number): void;
}

/** What a deed is thought to take before anything is known, milliseconds. */
const FIRST_GUESS = 350;

/** Knows nothing yet. */
export function createPace(): Pace {
  const known = new Map<string, number>();
  return {
    of: (name) => known.get(name) ?? FIRST_GUESS,
    learn: (name, milliseconds) => void known.set(name, ((known.get(name) ?? milliseconds) * 3 + milliseconds) / 4),
  };
}
