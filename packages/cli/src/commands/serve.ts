import { Command } from "commander";
import { ConfigError, loadConfig, startServer, type ServerConfig } from "@smimp/server";
import { CliError, EXIT } from "../failure.ts";
import { createGuardedFetch, readDevelopmentNetwork } from "@smimp/identity/guarded-fetch";
import { interruption } from "../mailbox.ts";

/** Reads a server's configuration, and says what is wrong with it. */
export function serverConfig(file: string | undefined): ServerConfig {
  try {
    return loadConfig({ env: process.env, ...(file === undefined ? {} : { file }) });
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    throw new CliError(error.message, { exitCode: EXIT.usage, advice: "The settings are described in docs/self-hosting.md." });
  }
}

/** `smimp serve`: runs a server until it is told to stop. */
export function serveCommand(): Command {
  return new Command("serve")
    .description("run a server")
    .option("-c, --config <file>", "its configuration (also: SMIMP_CONFIG)", process.env["SMIMP_CONFIG"])
    .option("--development-network <file>", "servers on this machine, for development")
    .action(async (options: { readonly config?: string; readonly developmentNetwork?: string }) => {
      const config = serverConfig(options.config);
      const network = options.developmentNetwork;
      const fetch = network === undefined ? undefined : createGuardedFetch({ developmentNetwork: await readDevelopmentNetwork(network) });
      const stop = interruption();
      const server = await startServer(config, fetch === undefined ? {} : { fetch });
      process.stderr.write(`Serving ${config.baseUrl} on port ${server.port} for ${config.domains.join(", ")}; ctrl-C ends it.\n`);
      await new Promise((resolve) => stop.signal.addEventListener("abort", resolve, { once: true }));
      process.stderr.write("Stopping …\n");
      await server.close();
      await fetch?.close();
      stop.end();
    });
}
