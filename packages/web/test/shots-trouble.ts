import { tellJson, toldJson, type MaliciousServer, type Person } from "@smimp/testkit";
import { parseAddress } from "@smimp/protocol";
import type { Camera } from "./shots-camera.ts";
import { dress, go, LOOKS } from "./shots-rooms.ts";
import type { Visitor } from "./stage.ts";
import { eventually } from "./writing-steps.ts";

const ALICE = parseAddress("alice#alpha.example");
const BOB = "#/contacts/bob%23beta.example";

/** What is to be seen when something is wrong: Bob was verified, has new keys, and then his server shows another past. */
export async function shootTrouble(
  { page }: Visitor,
  { shoot }: Camera,
  { bob, beta, forget }: { readonly bob: Person; readonly beta: MaliciousServer; readonly forget: () => Promise<void> },
): Promise<void> {
  const [english] = LOOKS;
  await dress(page, english);
  await go(page, `${BOB}/verify`);
  await page.getByRole("button", { name: english.texts.trust.verify.different }).click();
  await page.getByRole("alert").first().waitFor();
  await shoot(page, "verify-different-en-light");
  await page.getByRole("button", { name: "Compare once more" }).click();
  await page.getByRole("button", { name: english.texts.trust.verify.same }).click();
  await page.getByText("It is really them.").waitFor();
  await shoot(page, "verified-en-light");

  await bob.client.keys.rotate();
  const { id } = await bob.client.send({ to: [ALICE], subject: "New phone", body: "I have a new phone.", keepCopy: false });
  // Her server may need a while to learn of new keys.
  await eventually(async () => {
    await bob.client.outbox.flush({ id, force: true });
    return (await bob.client.outbox.get(id))?.copies.every(({ state }) => state === "sent") === true ? true : null;
  }, 120_000);
  for (const dressed of LOOKS) {
    const { look, texts } = dressed;
    await go(page, "#/inbox");
    await dress(page, dressed);
    await page.getByText("New phone").first().click();
    await page.getByText(texts.notices.codes.contact_key_changed.title("bob#beta.example")).first().waitFor();
    await shoot(page, `keys-changed-message-${look}`);
    await page
      .getByRole("button", { name: texts.shell.notices(1) })
      .first()
      .click();
    await page.getByRole("dialog").waitFor();
    await shoot(page, `notices-some-${look}`);
    await page.keyboard.press("Escape");
    await go(page, BOB);
    await shoot(page, `keys-changed-${look}`);
  }

  beta.lie(async (request, truth) => {
    if (request.path.endsWith("/events")) return null;
    const told = await truth();
    if (!request.path.endsWith("/history")) return told;
    const { records } = toldJson<{ readonly records: readonly unknown[] }>(told);
    return { ...tellJson({ records: records.slice(0, 2), profile: null }), headers: told.headers };
  });
  for (const dressed of LOOKS) {
    const { look, texts } = dressed;
    await go(page, "#/inbox");
    await dress(page, dressed);
    await go(page, `${BOB}/history`);
    await page.getByText(texts.trust.history.wrong).waitFor();
    await shoot(page, `history-rewritten-${look}`);
    await go(page, BOB);
    await shoot(page, `contact-stopped-${look}`);
    await go(page, "#/chat/bob%23beta.example");
    await page.getByRole("textbox", { name: texts.chat.write }).fill("Are you there?");
    await page.keyboard.press("Enter");
    await page.getByText(texts.chat.states.failed).first().waitFor();
    await shoot(page, `chat-stopped-${look}`);
    await go(page, "#/outbox");
    await page.getByRole("list", { name: texts.outbox.list }).getByRole("listitem").first().waitFor();
    await shoot(page, `outbox-failed-${look}`);
  }
  beta.lie(null);

  await forget();
  for (const dressed of LOOKS) {
    await go(page, "#/inbox");
    await dress(page, dressed);
    await page.getByRole("alert").getByText(dressed.texts.shell.deleted.title).first().waitFor();
    await shoot(page, `deleted-${dressed.look}`);
  }
}
