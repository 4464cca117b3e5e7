import { accountState, createMemoryStorage, linkDevice, openClient, recoverAccount, type Client, type DeviceLinking } from "@smimp/client";
import { addSeconds, concat, DAY, fromB64, hash, randomBytes, signingKey, signMessageKey, SmimpError, toHex32 } from "@smimp/protocol";
import { rawCaller, rawSession } from "../../raw-caller.ts";
import { createIdentity } from "../../identity.ts";
import { ELSEWHERE, PEOPLE, type ClientWorld, type Owner } from "./client-world.ts";
import { draftTo } from "./healing.ts";
import { orFault } from "./mailbox-operations.ts";
import { type Attempt, type Operations } from "./operations.ts";

/** Devices and moves of an account before the next one is opened: there is room for 32 devices, and for 20 records a day. */
const USES = 20;

/** Accounts that are used up: the next one where the one before was used often enough. */
function lasting(make: (world: ClientWorld) => Promise<Owner>, uses = USES): (world: ClientWorld) => Promise<Owner> {
  const kept = new WeakMap<ClientWorld, { readonly owner: Owner; left: number }>();
  return async (world) => {
    const known = kept.get(world);
    if (known !== undefined && known.left-- > 0) return known.owner;
    const owner = await make(world);
    kept.set(world, { owner, left: uses - 1 });
    return owner;
  };
}

const withDevices = lasting(async (world) => await world.join("directly"));
const withDevicesMirrored = lasting(async (world) => await world.join("mirrored"), USES - 5);
const toRecover = lasting(async (world) => await world.join("directly"), 10);
/** Each change makes a hundred keys. */
const toChange = lasting(async (world) => await world.join("mirrored"), 8);
const toExport = lasting(async (world) => await world.join("mirrored"), 100 * USES);
const withMail = lasting(async (world) => {
  const owner = await world.join("directly");
  await world.bob.client.send(draftTo(owner.address));
  await owner.client.sync();
  const { id } = await owner.client.folders.create({ name: "Kept" });
  const [message] = await owner.client.inbox.list();
  if (message !== undefined) await owner.client.folders.move([message.messageId], id);
  await world.bob.client.send(draftTo(owner.address));
  await owner.client.sync();
  return owner;
});

/** Links a device to an account, with requests of either that go through the mirrors. */
async function link(world: ClientWorld, owner: Owner, way: "directly" | "mirrored"): Promise<Client> {
  const linking = await linkDevice({ storage: createMemoryStorage(), address: owner.address, deps: world.deps(way), name: "new" });
  try {
    await owner.client.devices.link(linking.linkCode);
  } catch (error) {
    linking.cancel();
    throw error;
  }
  return await finishPatiently(linking);
}

/** Milliseconds after which somebody gives up a device that isn't linked; its own bound is ten minutes. */
const LINKING_ENDS = 20_000;

/** Waits for the other device as long as a person has patience: whose server says nothing of use all the time gives up. */
async function finishPatiently(linking: DeviceLinking): Promise<Client> {
  const signal = AbortSignal.timeout(LINKING_ENDS);
  try {
    return await linking.finish({ signal });
  } catch (error) {
    if (error === signal.reason) throw new SmimpError("temporarily_unavailable", "the device was not linked, and was given up");
    throw error;
  }
}

/** That a device has the keys of its account. */
async function belongs(device: Client, owner: Owner): Promise<string | null> {
  const own = (await owner.client.keys.status()).publicKey;
  const its = (await device.keys.status()).publicKey;
  await device.close();
  return its === own ? null : "the device has another key";
}

/** Somebody opens an account, links devices to it, and restores it. */
export const NEW_DEVICE_OPERATIONS: Operations = {
  join: {
    endpoints: ["getVersion", "getServerInformation", "initializeAccount"],
    isOthers: true,
    begin: async (world) => await Promise.resolve({ run: async () => await (await world.join("mirrored")).client.close() }),
  },
  "linking, as the new device": {
    endpoints: ["offerDeviceLink", "getDeviceLink", "destroySession"],
    isOthers: true,
    begin: async (world) => {
      const owner = await withDevices(world);
      const storage = createMemoryStorage();
      let linkedDevice: Client | null = null;
      const run = async (): Promise<void> => {
        const linking = await linkDevice({ storage, address: owner.address, deps: world.deps("mirrored"), name: "new" });
        await owner.client.devices.link(linking.linkCode);
        linkedDevice = await finishPatiently(linking);
      };
      return {
        run,
        afterwards: async () =>
          await orFault(async () => {
            // All or nothing: who was not let in holds nothing, and who was is one of the account's devices.
            if (linkedDevice !== null) return await belongs(linkedDevice, owner);
            if ((await accountState(storage)) !== "none") return "half an account is stored";
            return await belongs(await link(world, owner, "mirrored"), owner);
          }),
      };
    },
  },
  "linking, as the old device": {
    endpoints: ["getDeviceLink", "sealDeviceLink"],
    isOthers: true,
    begin: async (world) => {
      const owner = await withDevicesMirrored(world);
      return {
        run: async () => await (await link(world, owner, "directly")).close(),
        afterwards: async () => await orFault(async () => await belongs(await link(world, owner, "directly"), owner)),
      };
    },
  },
  "the first sync of a new device": {
    endpoints: ["getFolder", "getNamedFolder", "getFolders", "getMessages"],
    isOthers: true,
    begin: async (world) => {
      const device = await deviceWithMail(world);
      return {
        run: async () => void (await device.sync()),
        afterwards: async () =>
          await orFault(async () => {
            await device.sync();
            await device.sync();
            const names = (await device.folders.list()).map(({ name }) => name).join();
            const mail = await device.inbox.list({ view: "all", limit: 10 });
            await device.close();
            if (names !== "Kept") return `the folders are ${names}`;
            return mail.length === 2 && mail.every(({ state }) => state === "open") ? null : "the mail is not there";
          }),
      };
    },
  },
  recovery: {
    endpoints: ["getKeystore", "putKeystore", "destroySession"],
    isOthers: true,
    begin: async (world) => await recovery(world, await toRecover(world), false),
  },
  "recovery that leaves all other devices behind": {
    endpoints: [],
    isOthers: true,
    begin: async (world) => await recovery(world, await toRecover(world), true),
  },
};

/** Somebody changes keys and profile, moves, and ends an account. */
export const ACCOUNT_OPERATIONS: Operations = {
  "a change of keys": {
    endpoints: ["updateProfile", "putKeystore"],
    isOthers: true,
    begin: async (world) => {
      const { client } = await toChange(world);
      return {
        run: async () => await client.keys.rotate(),
        afterwards: async () =>
          await orFault(async () => {
            await client.sync();
            const { changing, publicKey } = await client.keys.status();
            const { chain } = await world.bob.client.contacts.resolve(client.address);
            if (changing) return "the change does not end";
            return chain.head.document.public_key === publicKey ? null : "the history ends with another key";
          }),
      };
    },
  },
  "upkeep of message keys": {
    endpoints: ["addEphemeralKeys", "putNonephemeralKey"],
    isOthers: true,
    begin: async (world) => await upkeep(world, "none"),
  },
  "upkeep of message keys that nobody has": {
    endpoints: ["replaceEphemeralKeys"],
    isOthers: true,
    begin: async (world) => await upkeep(world, "unknown"),
  },
  profile: { endpoints: ["postUserAvatar", "updateProfile"], isOthers: true, begin: profile },
  export: {
    endpoints: ["exportAccount"],
    isOthers: true,
    begin: async (world) => {
      const { client } = await toExport(world);
      const lines = async (): Promise<number> => {
        let count = 0;
        for await (const _line of client.account.export()) count++;
        return count;
      };
      return {
        run: async () => void (await lines()),
        afterwards: async () => await orFault(async () => ((await lines()) > 3 ? null : "the export is empty")),
      };
    },
  },
  moving: {
    endpoints: ["exportAccount", "importAccount", "getServerInformation", "getVersion", "updateProfile"],
    isOthers: true,
    begin: moving,
  },
  "the end of a move": { endpoints: [], isOthers: true, begin: endOfMove },
  "the end of an account": {
    endpoints: ["deleteAccount"],
    isOthers: true,
    begin: async (world) => {
      const { client, phrase, address } = await world.join("mirrored");
      return {
        run: async () => await client.account.remove({ phrase }),
        afterwards: async () =>
          await orFault(async () => {
            await client.account.remove({ phrase });
            await client.close();
            const { copies } = await world.bob.client.send({ to: [address], subject: "Hello", body: "", keepCopy: false });
            return copies[0]?.reason === "not_accepted" ? null : `mail to it is ${copies[0]?.state}`;
          }),
      };
    },
  },
};

async function deviceWithMail(world: ClientWorld): Promise<Client> {
  return await link(world, await withMail(world), "mirrored");
}

async function recovery(world: ClientWorld, { address, phrase }: Owner, rotate: boolean): Promise<Attempt> {
  const storage = createMemoryStorage();
  const recover = async (): Promise<Client> => await recoverAccount({ storage, address, phrase, deps: world.deps("mirrored"), rotate });
  return await Promise.resolve({
    run: async () => await (await recover()).sync().then(() => undefined),
    afterwards: async () =>
      await orFault(async () => {
        const state = await accountState(storage);
        const client = state === "open" ? await openClient({ storage, deps: world.deps("mirrored") }) : await recover();
        await client.sync();
        const { publicKey } = await client.keys.status();
        const { chain } = await world.bob.client.contacts.resolve(address);
        await client.close();
        return chain.head.document.public_key === publicKey ? null : "the history ends with another key";
      }),
  });
}

/** As if senders had taken every single-use key, or somebody had put one in their place that no device has; the other key is old. */
async function upkeep(world: ClientWorld, keys: "none" | "unknown"): Promise<Attempt> {
  const { client, storage, address } = await toKeepUp(world);
  await client.sync();
  const [account] = (await storage.list("account")).map(
    ({ value }) => JSON.parse(Buffer.from(value).toString("utf8")) as { master_seed: string },
  );
  if (account === undefined) throw new TypeError("there is no account in this storage");
  const { network, clock } = world;
  const now = network.clock();
  const master = signingKey(fromB64(account.master_seed));
  const token = await rawSession(network, client.baseUrl, { ...createIdentity(address, client.baseUrl, now), master });
  const unknown = signMessageKey({
    address,
    seed: randomBytes(32),
    kind: "ephemeral",
    createdAt: now,
    expiresAt: addSeconds(now, 60 * DAY),
    master,
  });
  const { code } = await rawCaller(network.fetch, client.baseUrl)("replaceEphemeralKeys", {
    token,
    body: { keys: keys === "none" ? [] : [unknown] },
  });
  if (code !== null) throw new TypeError(`the keys could not be replaced: ${code}`);
  clock.advance(8 * DAY);
  return {
    run: async () => void (await client.sync()),
    afterwards: async () =>
      await orFault(async () => {
        await client.sync();
        const { copies } = await world.bob.client.send({ to: [address], subject: "Hello", body: "", keepCopy: false });
        await client.sync();
        const mail = await client.inbox.list({ limit: 100 });
        return copies[0]?.state === "sent" && mail.every(({ state }) => state === "open") ? null : "mail does not come";
      }),
  };
}

/** Each time a hundred keys are made, of which a client keeps two thousand. */
const toKeepUp = lasting(async (world) => await world.join("mirrored"), 15);

async function profile(world: ClientWorld): Promise<Attempt> {
  const { client } = await toChange(world);
  const image = concat(Uint8Array.of(0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a), randomBytes(200));
  const set = async (): Promise<void> => {
    await client.profile.set({ name: toHex32(hash(image)).slice(0, 8) });
    await client.profile.setAvatar(image, "image/png");
  };
  return {
    run: set,
    afterwards: async () => {
      const { avatar: claimed } = await client.profile.get();
      const known = AVATARS.get(client) ?? new Set<string>();
      AVATARS.set(client, known.add(toHex32(hash(image))));
      if (claimed !== null && !known.has(claimed.hash)) return "the profile names an image that its owner did not choose";
      return await orFault(async () => {
        await set();
        const { avatar } = await client.profile.get();
        return avatar?.hash === toHex32(hash(image)) ? null : "the profile names another image";
      });
    },
  };
}

/** Images that the owners of clients chose. */
const AVATARS = new WeakMap<Client, Set<string>>();

/** Announces a move, copies the account, and gives it up before the domain names the new server. */
async function moving(world: ClientWorld): Promise<Attempt> {
  const { client, address } = await toMove(world);
  const to = world.network.server(ELSEWHERE).baseUrl;
  const home = client.baseUrl;
  // Copied before, it is its owner's there already.
  const code = await world.network.invite(ELSEWHERE, address).then(
    (invite) => invite.code,
    () => null,
  );
  return {
    run: async () => void (await client.account.move({ to, code })),
    afterwards: async () =>
      await orFault(async () => {
        if (client.baseUrl !== home) return "the account went over to another server before its domain did";
        const { step } = await client.account.move({ to, code });
        if (step !== "waiting_for_domain") return `the move is ${step}`;
        await client.account.cancelMove();
        await client.sync();
        return null;
      }),
  };
}

const toMove = lasting(async (world) => await world.join("mirrored", PEOPLE));

/** The domain names the new server: the account goes over. */
async function endOfMove(world: ClientWorld): Promise<Attempt> {
  world.homeAt("alpha.example");
  const { client, address } = await world.join("mirrored", PEOPLE);
  const to = world.network.server(ELSEWHERE).baseUrl;
  const { code } = await world.network.invite(ELSEWHERE, address);
  await client.account.move({ to, code });
  world.homeAt(ELSEWHERE);
  return {
    run: async () => void (await client.sync()),
    afterwards: async () =>
      await orFault(async () => {
        for (let sync = 0; sync < 3 && client.baseUrl !== to; sync++) {
          // oxlint-disable-next-line no-await-in-loop
          await client.sync();
        }
        const { baseUrl } = client;
        await client.sync();
        await client.close();
        return baseUrl === to ? null : "the account did not go over";
      }).finally(() => world.homeAt("alpha.example")),
  };
}
