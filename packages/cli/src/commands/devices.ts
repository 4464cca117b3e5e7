import { Command } from "commander";
import type { Device } from "@smimp/client";
import { CliError } from "../failure.ts";
import { withMailbox, type Mailbox } from "../mailbox.ts";
import { printable, style, table, timeText } from "../output.ts";
import { syncFirst } from "../sending.ts";
import { assertSure, YES, type SureOptions } from "../sure.ts";
import { askText, isInteractive, progressLine, readStandardInput } from "../terminal.ts";

/** `smimp devices`: the devices that share the account. */
export function devicesCommand(): Command {
  const devices = new Command("devices")
    .description("the devices that share your account; add, rename and remove them")
    .action(async (_options: unknown, command: Command) => {
      await withMailbox(command, async ({ client, output, signal }) => {
        await syncFirst(client, output, signal);
        const all = await client.devices.list();
        if (output.json) for (const device of all) output.result(deviceJson(device), "");
        else output.result({}, table(all.map((device, index) => deviceRow(device, index + 1))));
      });
    });
  devices
    .command("add")
    .description("let a new device in: run `smimp link` there first, and type the code that it shows")
    .action(async (_options: unknown, command: Command) => {
      await withMailbox(command, async ({ client, output }) => {
        const code =
          isInteractive() && process.stdin.isTTY === true ? await askText("The code that the new device shows") : await readStandardInput();
        const line = progressLine(!output.json);
        line.update("Handing your keys over, sealed to the new device …");
        await client.devices.link(code.trim()).finally(() => line.end());
        output.result({ linked: true }, `${style("green", "✓")} The new device is in. It shows your mailbox in a moment.`);
      });
    });
  devices
    .command("rename")
    .description("call a device something else")
    .argument("<device>", "its number in the list, its name, or the beginning of its id")
    .argument("<name>")
    .action(async (choice: string, name: string, _options: unknown, command: Command) => {
      await withMailbox(command, async (mailbox) => {
        const { client, output } = mailbox;
        const { id, name: before } = await find(mailbox, choice);
        await client.devices.rename(id, name);
        output.result({ id, name, before }, `${printable(before)} is called ${printable(name)} now.`);
      });
    });
  devices
    .command("remove")
    .description("shut a device out, lost or not: your keys change, and your other devices go on by themselves")
    .argument("<device>", "its number in the list, its name, or the beginning of its id")
    .option(...YES)
    .action(async (choice: string, options: SureOptions, command: Command) => {
      await withMailbox(command, async (mailbox) => {
        const { client, output } = mailbox;
        const device = await find(mailbox, choice);
        if (device.thisOne) throw new CliError("This is the device that you are using.", { advice: "Remove it from another one." });
        const question = `Shut ${printable(device.name)} out? It keeps what it has seen, and gets nothing from now on.`;
        await assertSure(question, "It was not removed.", options);
        const line = progressLine(!output.json);
        line.update("Changing your keys …");
        await client.devices.remove(device.id).finally(() => line.end());
        output.result(
          { id: device.id, name: device.name, removed: true },
          `${style("green", "✓")} ${printable(device.name)} is out. Your keys are new; your contacts' clients take them over by themselves.`,
        );
      });
    });
  return devices;
}

/** Other devices may have changed the list: it is the one that `smimp devices` would show now. */
async function find({ client, output, signal }: Mailbox, choice: string): Promise<Device> {
  await syncFirst(client, output, signal);
  const all = await client.devices.list();
  const numbered = /^[0-9]{1,2}$/.test(choice) ? all[Number(choice) - 1] : undefined;
  const byName = all.filter(({ id, name }) => name === choice || (choice.length >= 4 && id.startsWith(choice)));
  const [device, second] = numbered === undefined ? byName : [numbered];
  if (device === undefined || second !== undefined) {
    throw new CliError(`There is no single device ${choice}.`, { advice: "`smimp devices` lists them with their numbers." });
  }
  return device;
}

function deviceJson({ id, name, addedAt, thisOne }: Device): Readonly<Record<string, unknown>> {
  return { id, name, added_at: addedAt, this_one: thisOne };
}

function deviceRow({ name, addedAt, thisOne, id }: Device, number: number): string[] {
  const mark = thisOne ? style("green", "this one") : style("dim", id.slice(0, 8));
  return [String(number).padStart(3), printable(name), timeText(addedAt), mark];
}
