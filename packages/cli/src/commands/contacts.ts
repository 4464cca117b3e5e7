import { Command } from "commander";
import type { Contact } from "@smimp/client";
import { isSmimpError, parseAddress } from "@smimp/protocol";
import { CliError } from "../failure.ts";
import { withMailbox } from "../mailbox.ts";
import { style, table } from "../output.ts";

/** `smimp contacts`: the people you know, and their safety numbers. */
export function contactsCommand(): Command {
  return new Command("contacts")
    .description("the people you know, and their safety numbers")
    .argument("[address]", "show one in detail")
    .option("--verified", "you compared the safety number with this person: remember it")
    .option("--not-verified", "take that back")
    .action(
      async (address: string | undefined, options: { readonly verified?: boolean; readonly notVerified?: boolean }, command: Command) => {
        await withMailbox(command, async ({ client, output }) => {
          if (address === undefined) {
            const contacts = await client.contacts.list();
            if (output.json) for (const contact of contacts) output.result(contactJson(contact), "");
            else output.result({}, contacts.length === 0 ? "Nobody yet." : table(contacts.map((one) => [one.address, mark(one)])));
            return;
          }
          const wanted = parseAddress(address);
          const nobody = (error: unknown): null => {
            if (isSmimpError(error, "not_found")) return null;
            throw error;
          };
          if (options.verified === true || options.notVerified === true)
            await client.contacts.setVerified(wanted, options.verified === true).catch(nobody);
          const contact = await client.contacts.get(wanted).catch(nobody);
          if (contact === null)
            throw new CliError(`You never wrote with ${wanted}.`, { advice: `\`smimp history '${wanted}'\` looks anybody up.` });
          output.result(contactJson(contact), contactText(contact));
        });
      },
    );
}

function mark(contact: Contact): string {
  return contact.verified ? style("green", "verified") : style("dim", "not compared yet");
}

function contactJson(contact: Contact): Readonly<Record<string, unknown>> {
  return {
    address: contact.address,
    sequence: contact.sequence,
    link: contact.link,
    public_key: contact.publicKey,
    safety_number: contact.safetyNumber,
    verified: contact.verified,
  };
}

function contactText(contact: Contact): string {
  return [
    `${style("bold", contact.address)}  ${mark(contact)}`,
    "",
    "Safety number:",
    ...safetyNumberLines(contact.safetyNumber),
    ...(contact.verified
      ? []
      : [
          "",
          "Compare it with the one that they see for you, face to face or by phone.",
          `If it is the same:  smimp contacts '${contact.address}' --verified`,
        ]),
  ].join("\n");
}

function safetyNumberLines(number: string | null): string[] {
  if (number === null) return ["  not known yet: it comes with the next message"];
  const groups = number.match(/.{5}/g) ?? [];
  return [groups.slice(0, 6), groups.slice(6)].map((half) => `  ${half.join(" ")}`);
}
