import { parseAddress } from "@smimp/protocol";
import { de } from "../src/messages/de/all.ts";
import { en } from "../src/messages/en/all.ts";
import type { Camera } from "./shots-camera.ts";
import type { Stage } from "./stage.ts";
import { choosePassphrase, confirmWords, refuseStorage, wordsShown } from "./steps.ts";

const HOME = "https://smimp.alpha.example/";

/** What stands before a mailbox, up to the mailbox that is ready; in both languages, each in its theme. */
export async function shootDoor(stage: Stage, { shoot }: Camera): Promise<void> {
  for (const { name, texts, options, who } of [
    { name: "en-light", texts: en, options: { locale: "en-GB", colorScheme: "light" }, who: "erin" },
    { name: "de-dark", texts: de, options: { locale: "de-DE", colorScheme: "dark" }, who: "dora" },
  ] as const) {
    const { door, shell } = texts;
    const address = parseAddress(`${who}#alpha.example`);
    const unfit = await stage.open({ ...options, serviceWorkers: "block" });
    await refuseStorage(unfit);
    await unfit.page.goto(HOME);
    await unfit.page.getByRole("heading", { name: door.failed.title }).waitFor();
    await shoot(unfit.page, `unfit-${name}`);
    await unfit.context.close();
    const broken = await stage.open({ ...options, serviceWorkers: "block" });
    await broken.context.route(/\/assets\/door-.*\.js$/, async (route) => await route.abort());
    await broken.page.goto(HOME);
    await broken.page.getByRole("alert").waitFor();
    await shoot(broken.page, `broken-${name}`);
    await broken.context.close();

    const { page, context } = await stage.open(options);
    await page.goto(HOME);
    await page.getByRole("heading", { name: door.welcome.title }).waitFor();
    await shoot(page, `welcome-${name}`);
    for (const [view, hash] of [
      ["paste-invite", "#/invite"],
      ["restore", "#/restore"],
      ["link", "#/link"],
    ] as const) {
      await page.goto(`${HOME}${hash}`);
      await shoot(page, `${view}-${name}`);
    }
    const other = await stage.person(`other${who}#alpha.example`);
    await page.getByLabel(door.link.address).fill(other.address);
    await page.getByRole("button", { name: door.link.show }).click();
    await page.getByRole("timer").waitFor();
    await shoot(page, `link-code-${name}`);
    await page.goto(`${HOME}#/restore`);
    await page.getByLabel(door.restore.address).fill(other.address);
    await page.getByLabel(door.restore.word(1), { exact: true }).fill(other.phrase);
    await shoot(page, `restore-words-${name}`);
    await page.getByRole("button", { name: texts.common.next }).click();
    await page.getByRole("radio").first().waitFor();
    await shoot(page, `restore-why-${name}`);

    await page.goto((await stage.network.invite("alpha.example", address)).link);
    await page.getByLabel(door.name.address).fill(who);
    await page.getByText(door.name.free(address)).waitFor();
    await shoot(page, `join-address-${name}`);
    await page.getByRole("button", { name: door.name.create }).click();
    const words = await wordsShown(page);
    await shoot(page, `join-words-${name}`);
    await page.getByRole("button", { name: door.phrase.written }).click();
    await page
      .getByLabel(/^(Word|Wort) \d+$/)
      .first()
      .waitFor();
    await shoot(page, `join-confirm-${name}`);
    await confirmWords(page, words);
    await page.getByRole("button", { name: door.choose.suggest }).click();
    await page.getByText(door.choose.suggested).waitFor();
    await shoot(page, `join-passphrase-${name}`);
    await page.reload();
    await choosePassphrase(page);
    await page.getByText(texts.mailbox.beginning.title).waitFor();
    await shoot(page, `ready-${name}`);

    const second = await context.newPage();
    await second.goto(HOME);
    await second.getByRole("heading", { name: door.elsewhere.title }).waitFor();
    await shoot(second, `elsewhere-${name}`);
    await second.close();
    await page.setViewportSize({ width: 1440, height: 900 });
    await page.getByRole("button", { name: shell.lock }).first().click();
    await page.getByRole("heading", { name: door.unlock.title }).waitFor();
    await shoot(page, `locked-${name}`);
    await page.getByRole("button", { name: door.unlock.forget }).click();
    await page.getByRole("dialog").waitFor();
    await shoot(page, `forget-${name}`);
    await context.close();
  }
}
