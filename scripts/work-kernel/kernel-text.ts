import type { Computed, Word } from "./expression.ts";
import type { Instructions } from "./instructions.ts";

/**
 * The text of a kernel for the hash word `root`. Its memory holds the 64 bytes of the first try. `search` makes `$tries` tries,
 * rounded up to whole steps, and returns the number of the first one, counted from 0, of whose hash word all of `$bits` are
 * zero, or -1.
 */
export function kernelText(root: Word, set: Instructions): string {
  const words = wordsOf(root);
  const names = nameWords(words);
  const value = (word: Word): string => (word.kind === "constant" ? set.constant(word.value) : `(local.get ${names.get(word) ?? ""})`);
  const statements = (varies: boolean): readonly string[] =>
    words
      .filter((word) => word.varies === varies && word.kind !== "counter")
      .map((word) => `(local.set ${names.get(word) ?? ""} ${codeOf(word, set, value)})`);
  const lines = [
    "(module",
    '  (memory (export "memory") 1)',
    '  (func (export "search") (param $tries i32) (param $bits i64) (result i32)',
    "    (local $done i32)",
    ...[...new Set(["$mask", "$hash", "$by16", "$by24", ...names.values()])].map((name) => `    (local ${name} ${set.type})`),
    ...set.preparations.map((each) => `    ${each}`),
    `    (local.set ${COUNTER} ${set.counters})`,
    `    (local.set $mask ${set.mask})`,
    ...statements(false).map((each) => `    ${each}`),
    "    (loop $again",
    ...statements(true).map((each) => `      ${each}`),
    `      (local.set $hash (${set.and} ${value(root)} (local.get $mask)))`,
    `      (if ${set.solved} (then (return (i32.add (local.get $done) ${set.lane}))))`,
    `      (local.set ${COUNTER} (${set.add} (local.get ${COUNTER}) ${set.constant(BigInt(set.lanes))}))`,
    `      (local.set $done (i32.add (local.get $done) (i32.const ${set.lanes})))`,
    "      (br_if $again (i32.lt_u (local.get $done) (local.get $tries))))",
    "    (i32.const -1)))",
  ];
  return `${lines.join("\n")}\n`;
}

const COUNTER = "$counter";

/** Everything that a word is computed from and itself, in the order in which it was written down: an eighth faster than depth first. */
function wordsOf(root: Word): readonly Computed[] {
  const found = new Set<Computed>();
  const visit = (word: Word): void => {
    if (word.kind === "constant" || found.has(word)) return;
    word.operands.forEach(visit);
    found.add(word);
  };
  visit(root);
  return [...found].sort((left, right) => left.order - right.order);
}

/** A local for each word. Those of a try are used again once their word was needed for the last time: a low number takes one byte. */
function nameWords(words: readonly Computed[]): ReadonlyMap<Word, string> {
  const lastUse = new Map(words.flatMap((word) => word.operands.map((operand) => [operand, word])));
  const names = new Map<Word, string>();
  const free: string[] = [];
  let locals = 0;
  for (const word of words) {
    if (word.kind === "counter") {
      names.set(word, COUNTER);
      continue;
    }
    for (const operand of new Set(word.operands)) {
      if (operand.kind !== "constant" && operand.kind !== "counter" && operand.varies && lastUse.get(operand) === word) {
        free.push(names.get(operand) ?? "");
      }
    }
    names.set(word, (word.varies ? free.shift() : undefined) ?? `$word${locals++}`);
  }
  return names;
}

function codeOf({ kind, operands, detail }: Computed, set: Instructions, value: (word: Word) => string): string {
  if (kind === "block") return set.load(detail);
  const values = operands.map(value);
  if (kind === "rotate") return set.rotate(values.join(" "), detail);
  return `(${kind === "add" ? set.add : set.xor} ${values.join(" ")})`;
}
