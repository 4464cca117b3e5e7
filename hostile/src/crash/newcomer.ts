import { openClient, type Client, type Storage } from "@smimp/client";
import { openSqliteStorage } from "@smimp/client/sqlite";
import { DAY, isSmimpError, MIN_PASSPHRASE_MEMORY } from "@smimp/protocol";
import { rested } from "../invariants/demands.ts";
import { lookAtInbox } from "../invariants/mailbox.ts";
import { assure, Violation } from "../violation.ts";
import { PASSPHRASE } from "./program.ts";
import type { Actor, Stage } from "./stage.ts";

/** Opens a storage of a new device, or makes it. */
export async function openNew(file: string): Promise<Storage> {
  return await openSqliteStorage({ file, passphrase: PASSPHRASE, cost: { memory: MIN_PASSPHRASE_MEMORY } });
}

/** The client of a new device whose account stands in its file. */
export async function openNewcomer(stage: Stage, file: string): Promise<Client> {
  return await openClient({ storage: await openNew(file), deps: stage.deps });
}

/** A new device has all that the old one has, and works; then it is taken out again, so that devices don't become more and more. */
export async function assureMovedIn(stage: Stage, actor: Actor, client: Client): Promise<void> {
  const look = async (name: string, by: Client): Promise<string> =>
    [...(await lookAtInbox(stage, { person: actor, device: { name } }, by)).keys()].toSorted().join();
  const fresh = await tryOut(stage, actor, client, async () => await look("a new device", client));
  const old = await rested(actor.device, "a sync", async (by) => {
    await by.sync();
    return await look("the old device", by);
  });
  assure(fresh === old, `the new device of ${actor.address} shows ${fresh}; the old one ${old}`);
  await removeOthers(stage, actor);
}

async function tryOut(stage: Stage, actor: Actor, client: Client, look: () => Promise<string>): Promise<string> {
  try {
    await client.sync();
    await client.folders.create({ name: stage.ledger.newSubject() });
    return await look();
  } catch (error) {
    if (!isSmimpError(error)) throw error;
    throw new Violation(`a new device of ${actor.address} does not work: ${error.code}: ${error.message}`);
  } finally {
    await client.close();
  }
}

async function removeOthers(stage: Stage, { device }: Actor): Promise<void> {
  for (;;) {
    const devices = await rested(device, "looking", async (client) => await client.devices.list());
    const other = devices.find(({ thisOne }) => !thisOne);
    if (other === undefined) return;
    const ended = await device.act(async (client) => await client.devices.remove(other.id));
    if (ended.how === "done") continue;
    // There are only so many records a day.
    const full = ended.how === "refused" && ended.error.code === "rate_limited";
    if (!full) throw new Violation(`${device.name} can't remove a device: ${ended.how === "refused" ? ended.error.message : ended.how}`);
    stage.advance(DAY);
  }
}
