import type { Page } from "playwright-core";
import { HEIGHT, type Camera } from "./shots-camera.ts";
import { dress, go, LOOKS } from "./shots-rooms.ts";
import type { Visitor } from "./stage.ts";
import { beginMessage, textOf, writing } from "./writing-steps.ts";

/** What can be done in the rooms. */
export async function shootDeeds({ page, context }: Visitor, { shoot }: Camera): Promise<void> {
  const press = async (name: string | RegExp): Promise<void> => await page.getByRole("button", { name, exact: true }).first().click();
  /** Where every scene begins. */
  const inbox = async (): Promise<void> => {
    await page.setViewportSize({ width: 1440, height: HEIGHT });
    await go(page, "#/inbox");
    await page.reload();
    await page.getByRole("row", { name: /Lunch on Friday/ }).waitFor();
  };
  // Whoever leaves while a message is about to be sent is asked.
  page.on("dialog", (dialog) => void dialog.accept());
  for (const dressed of LOOKS) {
    const { look, texts } = dressed;
    const { mailbox, shell, compose, contacts, chat, search, outbox } = texts;
    await go(page, "#/inbox");
    await dress(page, dressed);

    await inbox();
    for (const [view, keys] of [
      ["selection", ["x"]],
      ["move", ["v"]],
      ["labels", ["l"]],
      ["help", ["?"]],
    ] as const) {
      await page.getByRole("row", { name: /Lunch on Friday/ }).focus();
      for (const key of keys) await page.keyboard.press(key);
      await page
        .getByRole(view === "selection" ? "toolbar" : "dialog")
        .first()
        .waitFor();
      await shoot(page, `${view}-${look}`);
      await page.keyboard.press("Escape");
    }
    for (const [view, subject] of [
      ["message", "Lunch on Friday?"],
      ["attachment", "Picnic"],
    ] as const) {
      await page.getByText(subject).first().click();
      await page.getByRole("article").last().waitFor();
      await shoot(page, `${view}-${look}`);
      await page.keyboard.press("Escape");
    }
    await page.getByText("Photos from the lake").first().click();
    await page
      .getByRole("button", { name: /lake\.png/ })
      .first()
      .waitFor();
    await shoot(page, `picture-${look}`);
    await press(texts.reading.preview("lake.png"));
    await page.getByRole("dialog").waitFor();
    await shoot(page, `picture-large-${look}`);
    await inbox();
    await press(mailbox.folders.create);
    await page.getByRole("dialog").waitFor();
    await shoot(page, `new-folder-${look}`, [1440]);
    await inbox();
    await page.getByRole("row", { name: /Minutes/ }).focus();
    await page.keyboard.press("e");
    await page.getByText(mailbox.done.archived(1)).waitFor();
    await shoot(page, `archived-${look}`);
    await press(texts.common.undo);
    await page.getByRole("row", { name: /Minutes/ }).waitFor();

    await page.setViewportSize({ width: 390, height: HEIGHT });
    await press(shell.openNavigation);
    await page.getByRole("dialog").waitFor();
    await shoot(page, `drawer-${look}`, [390, 768]);
    await inbox();
    await press(shell.notices(0));
    await page.getByRole("dialog").waitFor();
    await shoot(page, `notices-${look}`);
    await page.keyboard.press("Escape");

    await inbox();
    await beginMessage(page);
    await shoot(page, `compose-empty-${look}`);
    await addTo(page, "bob#beta.example", "nobody#beta.example");
    await writing(page).getByRole("textbox", { name: compose.subject }).fill("Friday");
    await textOf(writing(page)).click();
    await page.keyboard.type("Dear Bob,\none o'clock is **fine**. I bring:\n- bread\ntwo kinds of *cheese*");
    const map = { name: "map.txt", mimeType: "text/plain", buffer: Buffer.from("Left at the harbour.") };
    await writing(page).locator("input[type=file]").setInputFiles([map]);
    await writing(page).getByText("map.txt").first().waitFor();
    await shoot(page, `compose-${look}`);
    await press(compose.closeAndKeep);
    await go(page, "#/drafts");
    await page.getByText("Friday").first().waitFor();
    await shoot(page, `draft-${look}`);

    for (const [view, hash, button] of [
      ["add-person", "#/contacts", contacts.add],
      ["new-chat", "#/chat", chat.newChat],
      ["signature", "#/settings/writing", texts.settings.writing.signatureWrite],
      ["delete-account", "#/settings/account", texts.data.account.removeStart],
      ["search-from", "#/search", search.filters.from],
    ] as const) {
      await inbox();
      await go(page, hash);
      await press(button);
      await page.getByRole("dialog").waitFor();
      await shoot(page, `${view}-${look}`);
    }

    // Work that is asked about, under way, and stopped.
    await inbox();
    await beginMessage(page);
    await addTo(page, "gail#gamma.example");
    await writing(page).getByRole("textbox", { name: compose.subject }).fill("Hello");
    await textOf(writing(page)).click();
    await page.keyboard.type("Hello Gail");
    await press(compose.send);
    await page.getByRole("dialog", { name: outbox.question.title }).waitFor();
    await shoot(page, `work-question-${look}`);
    await press(outbox.question.goOn);
    const card = page.getByRole("status").filter({ hasText: outbox.work.title });
    await card.getByRole("progressbar").waitFor();
    await shoot(page, `work-card-${look}`);
    await card.getByRole("button", { name: outbox.work.cancel }).click();
    await writing(page).waitFor();
    await press(compose.discard);

    await inbox();
    await context.setOffline(true);
    await page
      .getByRole("status")
      .getByText(/offline/i)
      .first()
      .waitFor();
    await shoot(page, `offline-${look}`);
    await beginMessage(page);
    await addTo(page, "bob#beta.example", "carol#alpha.example");
    await writing(page).getByRole("textbox", { name: compose.subject }).fill("See you there");
    await textOf(writing(page)).click();
    await page.keyboard.type("At six.");
    await press(compose.send);
    await go(page, "#/outbox");
    await page.getByRole("list", { name: outbox.list }).getByText(outbox.noNetwork).first().waitFor();
    await shoot(page, `outbox-waiting-${look}`);
    await press(outbox.edit);
    await writing(page).waitFor();
    await press(compose.discard);
    await context.setOffline(false);
    await inbox();
  }
}

/** Types whom a message is for; those whom Alice knows are shown by name. */
async function addTo(page: Page, ...addresses: readonly string[]): Promise<void> {
  for (const [index, address] of addresses.entries()) {
    const field = writing(page).getByRole("combobox", { name: /^(To|An)$/ });
    await field.fill(address);
    await field.press("Enter");
    await writing(page)
      .getByRole("list", { name: /^(To|An)$/ })
      .getByRole("button")
      .nth(index)
      .waitFor();
  }
}
