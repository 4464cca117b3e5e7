import type { Command } from "commander";
import type { Draft } from "@smimp/client";
import { addressesOf, attachmentsOf, messageText, type TextSource } from "./message-input.ts";

/** What a command line says of a new message, beside whom it is for. */
export interface MessageOptions extends TextSource {
  readonly subject?: string;
  readonly cc?: readonly string[];
  readonly bcc?: readonly string[];
  readonly attach?: readonly string[];
}

/** Collects an option that may stand several times. */
export function collect(value: string, before: readonly string[] = []): readonly string[] {
  return [...before, value];
}

/** Gives a command the options of a new message. */
export function takesMessage(command: Command): Command {
  return command
    .option("-s, --subject <text>", "what it is about")
    .option("--cc <address>", "who gets a copy (may be repeated)", collect)
    .option("--bcc <address>", "who gets a copy that the others don't see (may be repeated)", collect)
    .option("-t, --text <text>", "the message itself")
    .option("-f, --file <file>", "a file with the message")
    .option("-a, --attach <file>", "a file to go with it (may be repeated)", collect);
}

/** The message that a command line gives. What is wrong with it shows before anything is asked for. Throws CliError, `bad_address`. */
export async function draftOf(addresses: readonly string[], options: MessageOptions): Promise<Draft> {
  const to = addressesOf(addresses);
  const cc = addressesOf(options.cc ?? []);
  const bcc = addressesOf(options.bcc ?? []);
  const attachments = await attachmentsOf(options.attach ?? []);
  const body = await messageText(options, { files: attachments.length });
  return { to, cc, bcc, subject: options.subject ?? "", body, attachments };
}
