import {
  appendRecord,
  checkProfileText,
  domainOf,
  fromB64,
  parseProfile,
  parseRecordDocument,
  SmimpError,
  type BodyOf,
  type Chain,
} from "@smimp/protocol";
import type { Services } from "../services.ts";
import { admissionByCode, admissionByWork } from "./admission.ts";
import { keystoreVersion } from "./keystores.ts";
import { checkKeys, checkNonEphemeral, holdKeys } from "./message-keys.ts";
import { toNewRecord, type Head } from "./records.ts";

/** Bytes of the key under which an account's lists are hashed (protocol section 8). */
const LIST_KEY_BYTES = 32;

type Deps = Pick<Services, "store" | "clock" | "random" | "settings" | "rates">;
type Body = BodyOf<"initializeAccount">;

/**
 * Opens an account: code or work, record 0, profile, message keys and keystore in one transaction, once (protocol
 * section 8). Throws `unauthenticated`, `not_accepted`, `pow_required`, `wrong_server`, `server_mismatch`, `history_invalid`,
 * `already_initialized`, `key_reused`, and what message keys throw.
 */
export async function initializeAccount(deps: Deps, body: Body, remoteAddress: string): Promise<Head> {
  const { store, clock, random, settings } = deps;
  const now = clock();
  if (!body.record.data.isWellFormed()) throw new SmimpError("history_invalid", "the record is no text");
  // Parsed within bounds; acted on only once it is verified (protocol section 1).
  const { address } = parseRecordDocument(body.record.data);
  if (!settings.domains.includes(domainOf(address))) throw new SmimpError("wrong_server", "this server has no such domain");
  const admit =
    body.code === null ? await admissionByWork(deps, address, body.pow, remoteAddress) : await admissionByCode(deps, address, body.code);

  const chain = appendRecord(null, address, body.record, { now });
  const { document } = chain.head;
  if (!document.servers.includes(settings.baseUrl)) throw new SmimpError("server_mismatch", "the record does not name this server");
  checkProfileText(body.profile, document.profile_hash);
  if (body.profile !== null) parseProfile(body.profile);
  const owner = { address, publicKey: document.public_key };
  const nonEphemeral = checkNonEphemeral(owner, body.nonephemeral_key, now);
  const ephemeral = await checkKeys(owner, body.ephemeral_keys, "ephemeral", now);
  const keystore = body.keystore === null ? null : fromB64(body.keystore);
  const version = keystore === null ? 0 : keystoreVersion(keystore);

  return await store.transact(async (writer) => {
    await admit(writer, now);
    const record = toNewRecord(chain, now);
    await writer.accounts.create({ address, record, profile: body.profile, listKey: random(LIST_KEY_BYTES) });
    await writer.messageKeys.setNonEphemeral(address, nonEphemeral);
    await holdKeys(writer, address, ephemeral, "add", now);
    if (keystore !== null) await writer.keystores.put(address, { version, bytes: keystore, storedAt: now }, "none");
    return headOf(chain);
  });
}

function headOf(chain: Chain): Head {
  return { sequence: chain.head.document.sequence, link: chain.head.link };
}
