import type { Client } from "@smimp/client";
import { isSmimpError, type ProblemCode } from "@smimp/protocol";
import { CliError, EXIT } from "./failure.ts";

/** What a server says to a device, or of an account, that is none any more; and what it looks like while nobody can be asked. */
const SIGNS: readonly ProblemCode[] = ["unauthenticated", "bad_signature", "unknown_user", "temporarily_unavailable"];

const STAYS = "What is on this computer can still be read and saved: `smimp inbox --offline`, `smimp export --offline`.";

/**
 * What is behind an error, or its code, where this device was removed or its account deleted, in words; null where neither is so, or
 * where the error is of another kind.
 */
export async function accountTrouble(client: Client, problem: unknown): Promise<CliError | null> {
  const code = isSmimpError(problem) || problem instanceof CliError ? problem.code : problem;
  const isSign = SIGNS.some((sign) => sign === code) || (problem instanceof CliError && problem.exitCode === EXIT.later);
  if (!isSign) return null;
  const { address } = client;
  // Where not even notices can be had, the error itself says more.
  const codes = (await client.notices.list().catch(() => [])).map(({ code }) => code);
  if (codes.includes("account_deleted") || (code === "unknown_user" && (await isUnknown(client)))) {
    return new CliError(`The account ${address} was deleted: it gets and sends nothing any more.`, {
      code: "account_deleted",
      advice: STAYS,
    });
  }
  if (!codes.includes("device_removed")) return null;
  return new CliError(`This device was removed from ${address}: it gets and sends nothing any more.`, {
    code: "device_removed",
    advice: `To use the account on this computer again, choose a new folder with --home and run \`smimp link\`, or \`smimp recover\` with your recovery phrase. ${STAYS}`,
  });
}

/** Whether it is the own address that nobody knows. */
async function isUnknown(client: Client): Promise<boolean> {
  return await client.keys.save().then(
    () => false,
    (error: unknown) => isSmimpError(error, "unknown_user"),
  );
}
