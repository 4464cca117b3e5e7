import { AxeBuilder } from "@axe-core/playwright";
import { parseAddress } from "@smimp/protocol";
import { startMaliciousServer, type MaliciousServer, type Person } from "@smimp/testkit";
import type { Locator, Page } from "playwright-core";
import { expect } from "vitest";
import { setStage, type Stage, type Visitor } from "./stage.ts";
import { joinWithWords, settled } from "./steps.ts";

// Alice sits in the browser; Bob, Mallory and the others write with Node clients. Beta's server lies when it is told to.

const SHOTS = process.env["SMIMP_SHOTS"];
const WIDTHS = [390, 768, 1440] as const;

/** Whose browser it is. */
export const ALICE = parseAddress("alice#alpha.example");
/** A red point. */
const PNG = Buffer.from("iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mP8z8BQDwAEhQGAhKmMIQAAAABJRU5ErkJggg==", "base64");

/** How a thing is waited for that comes by itself: nothing here depends on how fast the machine is. */
export const PATIENCE = { timeout: 60_000, interval: 200 };

/** A stage on which people wonder who the others are. */
export interface TrustStage {
  readonly stage: Stage;
  readonly alice: Visitor;
  /** Her recovery words. */
  readonly words: readonly string[];
  readonly bob: Person;
  readonly beta: MaliciousServer;
  close(): Promise<void>;
}

/** Sets the stage: Alice's browser, and Bob with a name and a picture. */
export async function setTrustStage(): Promise<TrustStage> {
  let beta: MaliciousServer | undefined;
  const stage = await setStage({
    prepare: async (network) => {
      beta = await startMaliciousServer(network, "beta.example");
    },
  });
  if (beta === undefined) throw new TypeError("no server was started");
  const server = beta;
  const alice = await stage.open({ viewport: { width: 1280, height: 900 } });
  const words = await joinWithWords(alice, stage, ALICE);
  const bob = await stage.person("bob#beta.example");
  await bob.client.profile.setAvatar(PNG, "image/png");
  await bob.client.profile.set({ name: "Bob Builder", website: "https://bob.example/" });
  return {
    stage,
    alice,
    words,
    bob,
    beta: server,
    close: async () => {
      await stage.close();
      await server.close();
    },
  };
}

/** What Alice does, and what she sees. */
export interface TrustSteps {
  /** Goes to a place. */
  to(path: string): Promise<void>;
  heading(name: string | RegExp): Locator;
  /** Says what a person sees to be accessible, in both themes; with SMIMP_SHOTS it keeps pictures too. */
  look(name: string): Promise<void>;
  addPerson(address: string): Promise<void>;
  /** Opens the message with a subject, as soon as it is there. */
  openMessage(subject: string): Promise<Locator>;
}

/** Her ways through her page. */
export function stepsOn(page: Page): TrustSteps {
  const heading = (name: string | RegExp): Locator => page.getByRole("heading", { level: 1, name });
  const to = async (path: string): Promise<void> =>
    await page.evaluate((hash) => void (location.hash = hash), `#/${path.split("/").map(encodeURIComponent).join("/")}`);
  return {
    to,
    heading,
    look: async (name) => {
      for (const theme of ["light", "dark"] as const) {
        await page.evaluate((value) => void (document.documentElement.dataset["theme"] = value), theme);
        await settled(page);
        const { violations } = await new AxeBuilder({ page }).analyze();
        expect(violations.map(({ id, nodes }) => `${name} ${theme}: ${id} ${nodes.map(({ html }) => html).join(" ")}`)).toEqual([]);
        if (SHOTS === undefined) continue;
        const before = page.viewportSize();
        for (const width of WIDTHS) {
          await page.setViewportSize({ width, height: width === 390 ? 844 : 900 });
          await page.screenshot({ path: `${SHOTS}/${name}-${width}-${theme}.png` });
        }
        if (before !== null) await page.setViewportSize(before);
      }
    },
    addPerson: async (address) => {
      await to("contacts");
      await page.getByRole("button", { name: "Add a person" }).first().click();
      await page.getByRole("dialog").getByLabel("Address").fill(address);
      await page.getByRole("dialog").getByRole("button", { name: "Add" }).click();
      await heading(new RegExp(address)).waitFor();
    },
    openMessage: async (subject) => {
      await to("inbox");
      await page.getByText(subject).first().click();
      const message = page.getByRole("article").last();
      await message.waitFor();
      return message;
    },
  };
}

/** Writes to Alice; her server may need a while to learn of new keys. */
export async function writeToAlice({ client }: Person, subject: string): Promise<void> {
  const { id } = await client.send({ to: [ALICE], subject, body: "It is me.", keepCopy: false });
  await expect
    .poll(
      async () => {
        await client.outbox.flush({ id, force: true });
        return (await client.outbox.get(id))?.copies.map(({ state }) => state);
      },
      { timeout: 90_000, interval: 1_000 },
    )
    .toEqual(["sent"]);
}
