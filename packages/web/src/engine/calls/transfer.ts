import type { CallTable } from "../call.ts";
import type { FileTarget } from "../files.ts";
import type { House } from "../house.ts";
import type { BringOptions, ImportOutcome } from "../mail/bring.ts";
import type { ExportOutcome } from "../mail/take.ts";
import type { Topic } from "../protocol.ts";

export type { ExportOutcome, ImportOutcome };

/** Calls that bring mail in from elsewhere, and take it elsewhere. What they work with is fetched by the first of them. */
export function transferCalls({ client }: Pick<House, "client">, changed: (...topics: Topic[]) => void) {
  return {
    "mail.import": async (context, files: readonly File[], options: BringOptions): Promise<ImportOutcome> => {
      const { bringIn } = await import("../mail/bring.ts");
      try {
        return await bringIn(client(), context, files, options);
      } finally {
        changed("messages", "folders");
      }
    },
    "mail.export": async (context, target: FileTarget): Promise<ExportOutcome> => {
      const { takeOut } = await import("../mail/take.ts");
      return await takeOut(client(), context, target);
    },
  } satisfies CallTable;
}
