// npm run kernel: builds the WebAssembly that searches proofs of work and writes it into the client; with `--check` only
// compares, with `--text` shows what is built as WebAssembly text.
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { kernelModule, kernelTexts } from "./work-kernel/build.ts";

const FILE = join(import.meta.dirname, "../packages/client/src/work/kernel-bytes.ts");

const [option] = process.argv.slice(2);
if (option === "--text") process.stdout.write(Object.values(kernelTexts()).join("\n"));
else {
  const built = await kernelModule();
  if (option !== "--check") writeFileSync(FILE, built);
  const same = readFileSync(FILE, "utf8") === built;
  console.log(
    same ? "kernel: packages/client carries what its sources build" : "kernel: packages/client carries other bytes than its sources build",
  );
  if (!same) process.exitCode = 1;
}
