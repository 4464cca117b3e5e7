import { spawn } from "node:child_process";
import { createGuardedFetch, readDevelopmentNetwork } from "@smimp/identity/guarded-fetch";
import { parseBaseUrl, type BaseUrl } from "@smimp/protocol";
import type { Release } from "@smimp/web/files";
import { Command, InvalidArgumentError } from "commander";
import { CliError } from "../failure.ts";
import { globalOptions, interruption } from "../mailbox.ts";
import { createOutput, type Output } from "../output.ts";
import { compareServed, ownRelease } from "../web-release.ts";

/** The port under which the browser keeps the mailbox: on another one it would be another, empty one. */
const PORT = 7647;
interface OpenOptions {
  readonly port: number;
  readonly browser: boolean;
  readonly compare?: BaseUrl;
  readonly developmentNetwork?: string;
}

/** `smimp open`: the web client from this machine, so that no server's scripts have to be trusted. */
export function openCommand(): Command {
  return new Command("open")
    .description("run the webmail from this computer: the same as servers have, and nobody to trust but this program")
    .option("-p, --port <port>", "where; the browser keeps a mailbox for each port", port, PORT)
    .option("--no-browser", "only say where it is")
    .option("--compare <server>", "hold the webmail that a server gives out against this program's, and end", baseUrl)
    .option("--development-network <file>", "servers on this machine, for development")
    .action(async (options: OpenOptions, command: Command) => {
      const output = createOutput(globalOptions(command).json);
      const own = await ownRelease();
      if (own === null) throw new CliError("The webmail was not built.", { advice: "In the sources: npm run build:web" });
      const { dir } = own;
      if (options.compare !== undefined) return await compare(own.release, options.compare, options.developmentNetwork, output);
      const { serveWebClient } = await import("@smimp/server");
      const client = await serveWebClient({ dir, port: options.port }).catch((error: unknown) => {
        if ((error as { code?: string }).code !== "EADDRINUSE") throw error;
        throw new CliError(`Port ${options.port} is in use.`, {
          advice:
            "Perhaps `smimp open` runs already: look at its address in your browser. --port takes another one, with a mailbox of its own.",
        });
      });
      const stop = interruption();
      output.result(
        { event: "serving", url: client.url },
        `Open this address in your browser: ${client.url}\nIt is your webmail, run by this computer alone; ctrl-C ends it.`,
      );
      if (options.browser) openBrowser(client.url);
      await new Promise((resolve) => stop.signal.addEventListener("abort", resolve, { once: true }));
      await client.close();
      stop.end();
    });
}

async function compare(own: Release, server: BaseUrl, network: string | undefined, output: Output): Promise<void> {
  const fetch = createGuardedFetch(network === undefined ? {} : { developmentNetwork: await readDevelopmentNetwork(network) });
  try {
    const differences = await compareServed(fetch, server, own);
    if (differences === null) throw new CliError(`${server} gives out no webmail.`);
    const same = differences.length === 0;
    const files = differences.map(({ path, how }) => `  ${how.padEnd(8)} ${path}`);
    const all = `${server} gives out the same webmail as this program, all ${Object.keys(own.files).length} files of it.`;
    output.result({ event: "compared", server, same, differences }, same ? all : files.join("\n"));
    if (!same) throw new CliError(`${server} gives out another webmail than this program.`, { code: "other_webmail" });
  } finally {
    await fetch.close();
  }
}

function port(text: string): number {
  const value = Number(text);
  if (!Number.isInteger(value) || value < 1 || value > 65_535) throw new InvalidArgumentError("a port is a number from 1 to 65535");
  return value;
}

function baseUrl(text: string): BaseUrl {
  try {
    return parseBaseUrl(text.endsWith("/") ? text : `${text}/`);
  } catch {
    throw new InvalidArgumentError("a server looks like https://smimp.example.com/");
  }
}

/** Asks the desktop for a browser; where there is none, the address stands on the screen. */
function openBrowser(url: string): void {
  const [program, args] = opener(url);
  const child = spawn(program, args, { stdio: "ignore", detached: true });
  child.on("error", () => undefined);
  child.unref();
}

function opener(url: string): readonly [string, readonly string[]] {
  if (process.platform === "darwin") return ["open", [url]];
  return process.platform === "win32" ? ["cmd", ["/c", "start", "", url]] : ["xdg-open", [url]];
}
