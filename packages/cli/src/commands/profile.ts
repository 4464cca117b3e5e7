import { readFile } from "node:fs/promises";
import { Command } from "commander";
import type { OwnProfile } from "@smimp/client";
import { CliError, EXIT, systemWords } from "../failure.ts";
import { withMailbox } from "../mailbox.ts";
import { printable, style, table } from "../output.ts";
import { assertSure, YES, type SureOptions } from "../sure.ts";
import { collect } from "../message-options.ts";

interface SetOptions {
  readonly name?: string;
  readonly website?: string;
  readonly link?: readonly string[];
}

/** `smimp profile`: what others see of one. */
export function profileCommand(): Command {
  const profile = new Command("profile")
    .description("what everybody can see of you; change it, or delete it")
    .action(async (_options: unknown, command: Command) => {
      await withMailbox(command, async ({ client, output }) => {
        const now = await client.profile.get();
        output.result({ address: client.address, ...now }, profileText(client.address, now));
      });
    });
  profile
    .command("set")
    .description("change it; an empty text takes a thing away")
    .option("--name <text>", "the name that others see")
    .option("--website <url>", "your website")
    .option("--link <url>", "another page of yours, https only (may be repeated; replaces all)", collect)
    .action(async (options: SetOptions, command: Command) => {
      if (Object.keys(options).length === 0) throw new CliError("Say what to change, such as --name.", { exitCode: EXIT.usage });
      await withMailbox(command, async ({ client, output }) => {
        const { name, website, link } = options;
        await client.profile.set({
          ...(name === undefined ? {} : { name: name === "" ? null : name }),
          ...(website === undefined ? {} : { website: website === "" ? null : website }),
          ...(link === undefined ? {} : { profiles: link.filter((each) => each !== "") }),
        });
        const now = await client.profile.get();
        output.result({ address: client.address, ...now }, profileText(client.address, now));
      });
    });
  profile
    .command("avatar")
    .description("set your picture: PNG or JPEG, at most 1 MB")
    .argument("<file>")
    .action(async (file: string, _options: unknown, command: Command) => {
      const image = await readFile(file).catch((cause: NodeJS.ErrnoException) => {
        throw new CliError(`${file}: can't be read (${systemWords(cause.code)})`);
      });
      const png = image.subarray(0, 4).equals(Buffer.from([0x89, 0x50, 0x4e, 0x47]));
      const jpeg = image.subarray(0, 3).equals(Buffer.from([0xff, 0xd8, 0xff]));
      if (!png && !jpeg) throw new CliError(`${file} is neither PNG nor JPEG.`);
      await withMailbox(command, async ({ client, output }) => {
        await client.profile.setAvatar(new Uint8Array(image), png ? "image/png" : "image/jpeg");
        output.result({ avatar: true }, "That is your picture now.");
      });
    });
  profile
    .command("delete")
    .description("delete name, picture and everything else; your address and your keys stay")
    .option(...YES)
    .action(async (options: SureOptions, command: Command) => {
      await withMailbox(command, async ({ client, output }) => {
        await assertSure("Delete all that others see of you but the address?", "Nothing was deleted.", options);
        await client.profile.deletePersonalData();
        output.result({ deleted: true }, "Deleted.");
      });
    });
  return profile;
}

function profileText(address: string, profile: OwnProfile | null): string {
  if (profile === null) return `${style("bold", address)}  (nothing else)`;
  const rows = [
    ["Name", profile.name ?? ""],
    ["Website", profile.website ?? ""],
    ...(profile.profiles ?? []).map((link) => ["Link", link]),
    ["Picture", profile.avatar === undefined || profile.avatar === null ? "" : "yes"],
  ].filter(([, value]) => value !== "");
  return `${style("bold", address)}\n${table(rows.map(([name = "", value = ""]) => [name, printable(value)]))}`.trimEnd();
}
