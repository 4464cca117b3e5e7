import { Command } from "commander";
import type { ClientEvent } from "@smimp/client";
import { accountTrouble } from "../account-trouble.ts";
import { withMailbox } from "../mailbox.ts";
import { printable, style, timeText, type Output } from "../output.ts";
import { ConnectionLostError } from "../sharing/calls.ts";
import { copyJson, copyText, sendOptions } from "../sending.ts";
import { progressLine } from "../terminal.ts";
import { subjectOf, summaryJson } from "./inbox.ts";

/** `smimp watch`: shows new messages as they come, and sends what waits. */
export function watchCommand(): Command {
  return new Command("watch")
    .description("show new messages as they come, send what waits (ctrl-C ends it)")
    .action(async (_options: unknown, command: Command) => {
      await withMailbox(command, async (mailbox) => {
        const { client, output, signal } = mailbox;
        output.say(`Watching ${client.address}; ctrl-C ends it.`);
        const line = progressLine(!output.json);
        while (!signal.aborted) {
          try {
            for await (const event of client.watch(sendOptions(mailbox, line))) {
              line.end();
              show(output, event);
              // Where nothing can ever come again, it doesn't wait for it.
              const trouble = event.type === "connection" && event.state === "lost" ? await accountTrouble(client, event.reason) : null;
              if (trouble !== null) throw trouble;
            }
          } catch (error) {
            // Ctrl-C is how this command ends. Where the process ended that had the mailbox open, it goes on by itself.
            if (!signal.aborted && !(error instanceof ConnectionLostError)) throw error;
          } finally {
            line.end();
          }
        }
      });
    });
}

function show(output: Output, event: ClientEvent): void {
  switch (event.type) {
    case "message": {
      const { message } = event;
      const text = `${timeText(message.receivedAt)}  ${style("bold", message.from)}  ${subjectOf(message)}  ${style("dim", message.messageId.slice(0, 8))}`;
      return output.result({ event: "message", ...summaryJson(1, message), number: undefined }, text);
    }
    case "custom": {
      const { messageId, from, messageType, receivedAt, bytes } = event.message;
      const json = { event: "custom", message_id: messageId, from, message_type: messageType, received_at: receivedAt };
      const text = `${timeText(receivedAt)}  ${style("bold", from)}  ${messageType}, ${bytes.length} bytes`;
      return output.result({ ...json, bytes: Buffer.from(bytes).toString("base64") }, text);
    }
    case "secret-key": {
      const { messageId, from, name } = event.key;
      const text = `! ${from} hands a key over: ${printable(name)}. \`smimp secrets\` shows it.`;
      return output.result({ event: "secret-key", message_id: messageId, from, name }, style("yellow", text));
    }
    case "changed":
    case "listed":
    case "removed":
    case "draft":
      // What other devices of the owner's do is no news for people.
      return;
    case "sent":
    case "failed":
      return output.result({ event: event.type, ...copyJson(event.entry, event.copy) }, copyText(event.copy));
    case "notice": {
      const { code, detail, address } = event.notice;
      return output.result({ event: "notice", code, address, detail }, style("yellow", `! ${printable(detail)}`));
    }
    case "connection":
      if (output.json) return output.result({ event: "connection", state: event.state, reason: event.reason }, "");
      return output.say(event.state === "connected" ? "Connected." : "Connection lost; trying again …");
  }
}
