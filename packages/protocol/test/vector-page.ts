import { runVector, type Vector } from "./vector-format.ts";
import { OPERATIONS } from "./vector-operations.ts";

/** Runs, in a browser's page, the vectors that its server lists; gives file and problem (null: passed) of each. */
export async function runServedVectors(): Promise<readonly (readonly [file: string, problem: string | null])[]> {
  const files = (await (await fetch("/files")).json()) as readonly string[];
  const results: (readonly [string, string | null])[] = [];
  for (const file of files) results.push([file, await runServed(file)]);
  return results;
}

async function runServed(file: string): Promise<string | null> {
  try {
    const answer = await fetch(`/vectors/${file.split("/").map(encodeURIComponent).join("/")}`);
    if (!answer.ok) return `not served: ${await answer.text()}`;
    return await runVector((await answer.json()) as Vector, OPERATIONS);
  } catch (error) {
    return String(error);
  }
}
