import { Command } from "commander";
import type { Client, Device } from "@smimp/client";
import { CliError } from "../failure.ts";
import { withMailbox } from "../mailbox.ts";
import { printable, style, table, timeText } from "../output.ts";
import { syncFirst } from "../sending.ts";
import { askText, askYes, isInteractive, progressLine, readStandardInput } from "../terminal.ts";

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
      await withMailbox(command, async ({ client, output }) => {
        const { id } = await find(client, choice);
        await client.devices.rename(id, name);
        output.result({ id, name }, `It is called ${printable(name)} now.`);
      });
    });
  devices
    .command("remove")
    .description("shut a device out, lost or not: your keys change, and your other devices go on by themselves")
    .argument("<device>", "its number in the list, its name, or the beginning of its id")
    .option("-y, --yes", "don't ask")
    .action(async (choice: string, options: { readonly yes?: true }, command: Command) => {
      await withMailbox(command, async ({ client, output }) => {
        const device = await find(client, choice);
        if (device.thisOne) throw new CliError("This is the device that you are using.", { advice: "Remove it from another one." });
        const question = `Shut ${printable(device.name)} out? It keeps what it has seen, and gets nothing from now on.`;
        if (options.yes === undefined && isInteractive() && !(await askYes(question))) return;
        const line = progressLine(!output.json);
        line.update("Changing your keys …");
        await client.devices.remove(device.id).finally(() => line.end());
        output.result(
          { id: device.id, removed: true },
          `${style("green", "✓")} ${printable(device.name)} is out. Your keys are new; your contacts' clients take them over by themselves.`,
        );
      });
    });
  return devices;
}

async function find(client: Client, choice: string): Promise<Device> {
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
