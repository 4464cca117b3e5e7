// npm run shots: pictures of every view, at three widths, light and dark, in English and German, in the folder `shots`. Ends with
// `shots: N pictures, T s`. With names of parts, `door`, `rooms`, `deeds`, `trouble`: only these, beside the pictures that there are.
import { startMaliciousServer, type MaliciousServer, type Person } from "@smimp/testkit";
import { createMemoryStorage, recoverAccount, type DraftAttachment } from "@smimp/client";
import { parseAddress, randomBytes } from "@smimp/protocol";
import { HEIGHT, newCamera } from "./shots-camera.ts";
import { shootDeeds } from "./shots-deeds.ts";
import { openDomain, shootDoor } from "./shots-door.ts";
import { LOOKS, shootRooms } from "./shots-rooms.ts";
import { shootTrouble } from "./shots-trouble.ts";
import { setStage, type Stage } from "./stage.ts";
import { joinWithWords } from "./steps.ts";

const ALICE = parseAddress("alice#alpha.example");
/** What stands in the inbox. */
const SUBJECTS = ["Lunch on Friday?", "Picnic", "Minutes of Tuesday", "Photos from the lake"];
/** As much work as a server may want: long enough to be looked at. */
const MUCH_WORK = 28;

const started = performance.now();
const parts = new Set(process.argv.slice(2));
const wanted = (part: string): boolean => parts.size === 0 || parts.has(part);
const camera = newCamera(parts.size > 0);
let beta: MaliciousServer | undefined;
const stage = await setStage({
  domains: ["alpha.example", "beta.example", "gamma.example", ...LOOKS.map(({ look }) => openDomain(look))],
  config: (domain) => {
    if (domain === "gamma.example") return { workPolicy: { strangerBits: MUCH_WORK } };
    const isOpen = LOOKS.some(({ look }) => openDomain(look) === domain);
    return isOpen ? { registration: "open", workPolicy: { registrationBits: MUCH_WORK } } : {};
  },
  prepare: async (network) => void (beta = await startMaliciousServer(network, "beta.example")),
});
try {
  if (wanted("door")) await shootDoor(stage, camera);
  const visitor = await stage.open({ colorScheme: "light", viewport: { width: 1440, height: HEIGHT } });
  const words = await joinWithWords(visitor, stage, ALICE);
  const bob = await fill(stage);
  // Those who are new are checked one after the other.
  for (const subject of SUBJECTS) await visitor.page.getByText(subject).first().waitFor();
  if (wanted("rooms")) await shootRooms(visitor, camera);
  if (wanted("deeds")) await shootDeeds(visitor, camera);
  if (wanted("trouble") && beta !== undefined)
    await shootTrouble(visitor, camera, { bob, beta, forget: async () => await deleteAccount(stage, words) });
} finally {
  await stage.close();
  await beta?.close();
}
console.log(`shots: ${camera.taken()} pictures, ${Math.round((performance.now() - started) / 1_000)} s`);

/** Lets others write to Alice. */
async function fill(on: Stage): Promise<Person> {
  const bob = await on.person("bob#beta.example");
  const carol = await on.person("carol#alpha.example");
  await on.person("gail#gamma.example");
  const to = [ALICE];
  await bob.client.profile.set({ name: "Bob Berg" });
  await carol.client.profile.set({ name: "Carol Castro" });
  const picnic = new TextEncoder().encode("Bread, cheese, apples.\n");
  const lake = await picture(on);
  await bob.client.send({
    to,
    subject: "Lunch on Friday?",
    body: "Hello Alice,\n\nshall we meet at **one** at the usual place? There is:\n\n- soup\n- a salad with *too many* olives\n\n> I'll be there anyway.\n\nThe map is at [the harbour's page](https://harbour.example/map).\n\nBob",
  });
  await carol.client.send({
    to,
    subject: "Picnic",
    body: "The list is attached. Who brings a blanket?",
    attachments: [attachment("picnic.txt", "text/plain", picnic)],
  });
  await carol.client.send({ to, subject: "Minutes of Tuesday", body: "1. Roof\n2. Garden\n3. The cat" });
  await bob.client.send({
    to,
    subject: "Photos from the lake",
    body: "They came out well.",
    attachments: [attachment("lake.png", "image/png", lake)],
  });
  await bob.client.sendShort(ALICE, "Are you there yet?");
  await bob.client.sendShort(ALICE, "The boat leaves at six.");
  return bob;
}

function attachment(name: string, mediaType: string, bytes: Uint8Array): DraftAttachment {
  const open = async function* () {
    yield await Promise.resolve(bytes);
  };
  return { name, mediaType, size: bytes.length, open };
}

/** A lake in the evening. */
async function picture(on: Stage): Promise<Uint8Array> {
  const { page, context } = await on.open({ viewport: { width: 960, height: 640 } });
  const sky = "linear-gradient(#27476e, #eab69f 52%, #006992 52%, #001d4a)";
  await page.setContent(`<body style="background: radial-gradient(circle at 68% 46%, #fff3d6 0 3rem, transparent 3.1rem), ${sky}">`);
  const bytes = await page.screenshot();
  await context.close();
  return bytes;
}

/** Deletes Alice's account, as another device of hers would. */
async function deleteAccount({ network }: Stage, words: readonly string[]): Promise<void> {
  const deps = { fetch: network.fetch, clock: network.clock, random: randomBytes };
  const laptop = await recoverAccount({ storage: createMemoryStorage(), phrase: words.join(" "), address: ALICE, deps });
  await laptop.account.remove({ phrase: words.join(" ") });
  await laptop.close();
}
