import openWabt from "wabt";
import { firstHashWord } from "./blake2b.ts";
import { SCALAR, SIMD, type Instructions } from "./instructions.ts";
import { kernelText } from "./kernel-text.ts";

/** Characters of a line of base64 in the module. */
const LINE = 120;

/** The kernels as WebAssembly text, by name. */
export function kernelTexts(): { readonly simd: string; readonly scalar: string } {
  const text = (set: Instructions): string => kernelText(firstHashWord(), set);
  return { simd: text(SIMD), scalar: text(SCALAR) };
}

/** The TypeScript module that carries both kernels. The same sources and tools give the same text, byte for byte. */
export async function kernelModule(): Promise<string> {
  const wabt = await openWabt();
  const bytesOf = (name: string, text: string): Uint8Array => {
    const parsed = wabt.parseWat(name, text, { simd: true });
    try {
      return parsed.toBinary({}).buffer;
    } finally {
      parsed.destroy();
    }
  };
  const { simd, scalar } = kernelTexts();
  return [
    "// Made by `npm run kernel` from scripts/work-kernel, which also says what is in it. Not to be changed by hand.",
    "",
    "/** WebAssembly that searches proofs of work two tries at a time, base64. */",
    literal("SIMD_KERNEL", bytesOf("simd.wat", simd)),
    "",
    "/** The same, one try at a time, for engines without SIMD. */",
    literal("SCALAR_KERNEL", bytesOf("scalar.wat", scalar)),
    "",
  ].join("\n");
}

function literal(name: string, bytes: Uint8Array): string {
  const lines =
    Buffer.from(bytes)
      .toString("base64")
      .match(new RegExp(`.{1,${LINE}}`, "g")) ?? [];
  return `export const ${name} =\n${lines.map((line) => `  "${line}"`).join(" +\n")};`;
}
