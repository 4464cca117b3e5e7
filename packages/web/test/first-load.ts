// npm run first-load: how long somebody on a slow line waits for the web client, at a first visit and at a later one. Prints a table:
// for what is waited, milliseconds until then, and kilobytes that had come by then. Fails over the limit.
import type { BrowserContext, Page } from "playwright-core";
import { FAST_3G, type SlowLine } from "./slow-line.ts";
import { setStage, type Stage, type Visitor } from "./stage.ts";
import { joinInBrowser } from "./steps.ts";

/** Milliseconds within which a first visit has come to where somebody can do something. */
const LIMIT = 4_000;
/** Visits of each kind; the middle one counts. */
const VISITS = 3;
const HOME = "https://smimp.alpha.example/";
const KILO = 1_000;

/** One visit, as it was measured. */
interface Visit {
  /** Milliseconds until something was drawn. */
  readonly painted: number;
  /** Milliseconds until one could go on. */
  readonly usable: number;
  /** Bytes that had come by then, with what TLS and HTTP put around them. */
  readonly bytes: number;
}

const stage = await setStage({ line: FAST_3G });
const { line } = stage;
if (line === null) throw new TypeError("the stage has no line");
const { name, down, up, roundTrip } = FAST_3G;
console.log(`${name}: ${down / KILO} kbit/s down, ${up / KILO} kbit/s up, ${roundTrip} ms there and back; ${VISITS} visits each\n`);
console.log("| visit | drawn after ms | usable after ms | kB by then |\n| --- | ---: | ---: | ---: |");
let slowest = 0;
try {
  await joining(stage, line);
  await coming(stage, line);
} finally {
  await stage.close();
}
console.log(`\nfirst-load: slowest ${Math.round(slowest)} ms, limit ${LIMIT} ms`);
if (slowest > LIMIT) process.exitCode = 1;

/** Somebody opens an invite link, and types a name. */
async function joining(on: Stage, through: SlowLine): Promise<void> {
  const visits: Visit[] = [];
  for (let visit = 0; visit < VISITS; visit++) {
    const visitor = await on.open();
    const { link } = await on.network.invite("alpha.example");
    visits.push(await timed(visitor.page, through, link, async (page) => await page.getByLabel("Your address").fill("newcomer")));
    await visitor.context.close();
  }
  report("join with an invite, first visit", visits);
}

/** Somebody with a mailbox comes back: to a browser that has kept nothing of the client, and to one that has kept all of it. */
async function coming(on: Stage, through: SlowLine): Promise<void> {
  const visitor = await on.open();
  await joinInBrowser(visitor, on, "alice#alpha.example");
  const bob = await on.person("bob#beta.example");
  await bob.client.send({ to: ["alice#alpha.example" as never], subject: "Hello", body: "Hello Alice." });
  await visitor.page.getByText("Hello Alice.").first().waitFor();
  const open = async (page: Page): Promise<void> => await page.getByText("Hello Alice.").first().waitFor();
  const unlock = async (page: Page): Promise<void> => await page.getByLabel("Passphrase", { exact: true }).fill("something");
  report("the list of a known mailbox, first visit", await again(visitor, through, open, true));
  report("the list of a known mailbox, later visit", await again(visitor, through, open, false));
  await visitor.page.keyboard.press("Escape");
  await lock(visitor.context);
  report("the passphrase of a known mailbox, first visit", await again(visitor, through, unlock, true));
  report("the passphrase of a known mailbox, later visit", await again(visitor, through, unlock, false));
}

/** Locks the mailbox as its owner does. */
async function lock(context: BrowserContext): Promise<void> {
  const page = await context.newPage();
  await page.goto(`${HOME}#/settings/security`);
  await page.getByRole("button", { name: "Lock now" }).click();
  await page.getByRole("heading", { name: "Welcome back" }).waitFor();
  await page.close();
}

async function again(
  { context, page: before }: Visitor,
  through: SlowLine,
  usable: (page: Page) => Promise<void>,
  isFirst: boolean,
): Promise<readonly Visit[]> {
  await before.goto("about:blank");
  const visits: Visit[] = [];
  for (let visit = 0; visit < VISITS; visit++) {
    const page = await context.newPage();
    if (isFirst) await forgetClient(page);
    else await keepClient(page);
    visits.push(await timed(page, through, HOME, usable));
    await page.close();
  }
  return visits;
}

/** Nothing of the client stays in the browser; what the mailbox has stored does. */
async function forgetClient(page: Page): Promise<void> {
  await page.goto(`${HOME}icon.svg`);
  await page.evaluate(async () => {
    for (const registration of await navigator.serviceWorker.getRegistrations()) await registration.unregister();
    for (const name of await caches.keys()) await caches.delete(name);
  });
  const session = await page.context().newCDPSession(page);
  await session.send("Network.clearBrowserCache");
  await page.goto("about:blank");
}

/** The service worker has all of the client. */
async function keepClient(page: Page): Promise<void> {
  await page.goto(HOME);
  await page.evaluate(async () => {
    const { active } = await navigator.serviceWorker.ready;
    if (active?.state === "activated") return;
    await new Promise<void>((resolve) => active?.addEventListener("statechange", () => active.state === "activated" && resolve()));
  });
  await page.goto("about:blank");
}

/** Opens an address through the slow line with connections of its own. */
async function timed(page: Page, through: SlowLine, url: string, usable: (page: Page) => Promise<void>): Promise<Visit> {
  through.drop();
  through.slow(true);
  const before = through.bytes();
  try {
    await page.goto(url, { waitUntil: "commit" });
    await usable(page);
    const [at, bytes] = [Date.now(), through.bytes() - before];
    const { origin, painted } = await page.evaluate(() => ({
      origin: performance.timeOrigin,
      painted: performance.getEntriesByName("first-contentful-paint")[0]?.startTime ?? Number.NaN,
    }));
    return { painted, usable: at - origin, bytes };
  } finally {
    through.slow(false);
  }
}

function report(what: string, visits: readonly Visit[]): void {
  const middle = visits.toSorted((one, other) => one.usable - other.usable)[Math.floor(visits.length / 2)];
  if (middle === undefined) throw new TypeError("nobody came");
  slowest = Math.max(slowest, middle.usable);
  console.log(`| ${what} | ${Math.round(middle.painted)} | ${Math.round(middle.usable)} | ${(middle.bytes / KILO).toFixed(0)} |`);
}
