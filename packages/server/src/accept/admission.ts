import {
  checkWork,
  domainOf,
  hash,
  HOUR,
  SmimpError,
  toHex32,
  utf8,
  type Address,
  type Hex32,
  type Timestamp,
  type Work,
} from "@smimp/protocol";
import type { Services } from "../services.ts";
import type { StoreReader, StoreWriter } from "../store/store.ts";
import { ipPrefix } from "./ip-prefix.ts";
import { findDemand } from "./work-demands.ts";
import { registrationBits, workParametersFor } from "./work-policy.ts";

/** What stands for the message type in the work of a registration (protocol section 8). */
const REGISTRATION = "registration";

/** H of an invite's code, all that is stored of it (protocol section 8). */
export function hashInviteCode(code: string): Hex32 {
  return toHex32(hash(utf8(code)));
}

/** Uses up the right to open an account, inside the transaction that opens it. */
export type Admission = (writer: StoreWriter, now: Timestamp) => Promise<void>;

/** By a one-time code. Throws `not_accepted` on a closed server, `unauthenticated` for a code that is wrong, used or expired, or for another address. */
export async function admissionByCode(
  { store, settings, clock }: Pick<Services, "store" | "settings" | "clock">,
  address: Address,
  code: string,
): Promise<Admission> {
  if (settings.registration === "closed") throw new SmimpError("not_accepted", "this server takes no new accounts");
  const refused = (): SmimpError => new SmimpError("unauthenticated", "this code is wrong, used or expired, or for another address");
  const codeHash = hashInviteCode(code.isWellFormed() ? code : "");
  const invite = await store.read((reader) => reader.invites.find(codeHash));
  // Looked at before anything is verified, which costs more; what counts is the transaction.
  if (invite === null || invite.usedAt !== null || invite.expiresAt <= clock()) throw refused();
  return async (writer, now) => {
    if (!(await writer.invites.use(codeHash, address, now))) throw refused();
  };
}

/** By work, where anybody may register. Throws `pow_required` (member `pow`), `pow_invalid`, `pow_expired`, `not_accepted`, `unauthenticated` where a code is needed. */
export async function admissionByWork(
  deps: Pick<Services, "store" | "settings" | "clock" | "random" | "rates">,
  address: Address,
  pow: Work | undefined,
  remoteAddress: string,
): Promise<Admission> {
  const { store, clock, random, settings, rates } = deps;
  const now = clock();
  if (settings.registration === "closed") throw new SmimpError("not_accepted", "this server takes no new accounts");
  if (settings.registration !== "open") throw new SmimpError("unauthenticated", "a code is needed");
  const subject = { server: settings.baseUrl, from: address, to: address, messageType: REGISTRATION } as const;
  if (pow === undefined) {
    const bits = registrationBits(settings.workPolicy, rates.count("registration", ipPrefix(remoteAddress), HOUR, now));
    const parameters = workParametersFor(bits, settings.workPolicy, toHex32(random(32)), now);
    await store.transact((writer) => writer.work.create({ parameters, sender: address, recipient: address, messageType: REGISTRATION }));
    throw new SmimpError("pow_required", "opening an account takes some work", { members: { pow: parameters } });
  }
  const demand = await store.read((reader) =>
    findDemand(reader, { sender: address, recipient: address, messageType: REGISTRATION }, pow, now),
  );
  checkWork({ ...subject, parameters: demand.parameters, pow, now });
  return async (writer, at) => {
    if (!(await writer.work.spend(pow.nonce, at))) throw new SmimpError("pow_invalid", "this work was used already");
  };
}

/**
 * Whether an address of one of this server's domains that has no account here may be about to move here: an open code is for it, or for
 * anybody. Until it has arrived the server treats it like one of another server (protocol section 8).
 */
export async function mayArrive(
  reader: StoreReader,
  { domains, registration }: Pick<Services["settings"], "domains" | "registration">,
  address: Address,
  now: Timestamp,
): Promise<boolean> {
  if (registration === "closed" || !domains.includes(domainOf(address)) || (await reader.accounts.isGone(address))) return false;
  return (await reader.invites.isOpenFor(address, now)) || (await reader.invites.isOpenForAny(now));
}
