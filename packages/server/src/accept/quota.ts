import type { Settings } from "../config.ts";
import type { Account } from "../store/accounts.ts";

/** Bytes that an account may use: what the operator allows it, else as many as any; -1: no limit. */
export function allowedBytes({ quotas }: Pick<Settings, "quotas">, account: Pick<Account, "quotaBytes">): number {
  return account.quotaBytes ?? quotas.accountBytes;
}

/** Bytes that are left of them; never below 0. */
export function bytesLeft(settings: Pick<Settings, "quotas">, account: Pick<Account, "quotaBytes" | "usedBytes">): number {
  const allowed = allowedBytes(settings, account);
  return allowed < 0 ? Number.MAX_SAFE_INTEGER : Math.max(0, allowed - account.usedBytes);
}
