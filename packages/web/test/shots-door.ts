import { parseAddress } from "@smimp/protocol";
import type { Camera } from "./shots-camera.ts";
import { LOOKS } from "./shots-rooms.ts";
import type { Stage } from "./stage.ts";
import { choosePassphrase, confirmWords, refuseStorage, wordsShown } from "./steps.ts";

const HOME = "https://smimp.alpha.example/";

/** Where anybody may join who works for it: one each, because whoever comes next has to work more. */
export function openDomain(look: string): string {
  return `open-${look}.example`;
}

/** What stands before a mailbox, up to the mailbox that is ready; in both languages, each in its theme. */
export async function shootDoor(stage: Stage, { shoot }: Camera): Promise<void> {
  for (const { look, theme, language, texts } of LOOKS) {
    const { door, shell } = texts;
    const options = { locale: language, colorScheme: theme };
    const who = language === "en" ? "erin" : "dora";
    const address = parseAddress(`${who}#alpha.example`);
    const unfit = await stage.open({ ...options, serviceWorkers: "block" });
    await refuseStorage(unfit);
    await unfit.page.goto(HOME);
    await unfit.page.getByRole("heading", { name: door.failed.title }).waitFor();
    await shoot(unfit.page, `unfit-${look}`);
    await unfit.context.close();
    const broken = await stage.open({ ...options, serviceWorkers: "block" });
    await broken.context.route(/\/assets\/door-.*\.js$/, async (route) => await route.abort());
    await broken.page.goto(HOME);
    await broken.page.getByRole("alert").waitFor();
    await shoot(broken.page, `broken-${look}`);
    await broken.context.close();

    const worker = await stage.open(options);
    await worker.page.goto(`https://smimp.${openDomain(look)}/join`);
    await worker.page.getByLabel(door.name.address).fill(who);
    await worker.page.getByRole("button", { name: door.name.create }).click();
    await worker.page.getByText(door.work.much).waitFor();
    await shoot(worker.page, `join-work-question-${look}`);
    await worker.page.getByRole("button", { name: door.work.goOn }).click();
    await worker.page.getByRole("progressbar").waitFor();
    await shoot(worker.page, `join-work-${look}`);
    await worker.context.close();

    const { page, context } = await stage.open(options);
    await page.goto(HOME);
    await page.getByRole("heading", { name: door.welcome.title }).waitFor();
    await shoot(page, `welcome-${look}`);
    for (const [view, hash] of [
      ["paste-invite", "#/invite"],
      ["restore", "#/restore"],
      ["link", "#/link"],
    ] as const) {
      await page.goto(`${HOME}${hash}`);
      await shoot(page, `${view}-${look}`);
    }
    const other = await stage.person(`other${who}#alpha.example`);
    await page.getByLabel(door.link.address).fill(other.address);
    await page.getByRole("button", { name: door.link.show }).click();
    await page.getByRole("timer").waitFor();
    await shoot(page, `link-code-${look}`);
    await page.goto(`${HOME}#/restore`);
    await page.getByLabel(door.restore.address).fill(other.address);
    await page.getByLabel(door.restore.word(1), { exact: true }).fill(other.phrase);
    await shoot(page, `restore-words-${look}`);
    await page.getByRole("button", { name: texts.common.next }).click();
    await page.getByRole("radio").first().waitFor();
    await shoot(page, `restore-why-${look}`);

    await page.goto((await stage.network.invite("alpha.example", address)).link);
    await page.getByLabel(door.name.address).fill(who);
    await page.getByText(door.name.free(address)).waitFor();
    await shoot(page, `join-address-${look}`);
    await page.getByRole("button", { name: door.name.create }).click();
    const words = await wordsShown(page);
    await shoot(page, `join-words-${look}`);
    await page.getByRole("button", { name: door.phrase.written }).click();
    await page
      .getByLabel(/^(Word|Wort) \d+$/)
      .first()
      .waitFor();
    await shoot(page, `join-confirm-${look}`);
    await confirmWords(page, words);
    await page.getByRole("button", { name: door.choose.suggest }).click();
    await page.getByText(door.choose.suggested).waitFor();
    await shoot(page, `join-passphrase-${look}`);
    await page.reload();
    await choosePassphrase(page);
    await page.getByText(texts.mailbox.beginning.title).waitFor();
    await shoot(page, `ready-${look}`);

    const second = await context.newPage();
    await second.goto(HOME);
    await second.getByRole("heading", { name: door.elsewhere.title }).waitFor();
    await shoot(second, `elsewhere-${look}`);
    await second.close();
    await page.setViewportSize({ width: 1440, height: 900 });
    await page.getByRole("button", { name: shell.lock }).first().click();
    await page.getByRole("heading", { name: door.unlock.title }).waitFor();
    await shoot(page, `locked-${look}`);
    await page.getByRole("button", { name: door.unlock.forget }).click();
    await page.getByRole("dialog").waitFor();
    await shoot(page, `forget-${look}`);
    await context.close();
  }
}
