import { Command } from "commander";
import type { ServerConfig } from "@smimp/server";
import { createGuardedFetch, readDevelopmentNetwork } from "@smimp/identity/guarded-fetch";
import { webClientDir } from "@smimp/web/files";
import { CliError, EXIT } from "../failure.ts";
import { globalOptions, interruption } from "../mailbox.ts";
import { createOutput } from "../output.ts";

interface ServeOptions {
  readonly config?: string;
  readonly developmentNetwork?: string;
}

/** Reads a server's configuration, and says what is wrong with it. */
export async function serverConfig(file: string | undefined): Promise<ServerConfig> {
  const { ConfigError, loadConfig } = await import("@smimp/server");
  try {
    return loadConfig({ env: process.env, ...(file === undefined ? {} : { file }) });
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    throw new CliError(error.message, {
      exitCode: EXIT.usage,
      advice: `${file === undefined ? "Name the configuration file with --config. " : ""}The settings are described in docs/self-hosting.md.`,
    });
  }
}

/** `smimp serve`: runs a server until it is told to stop. */
export function serveCommand(): Command {
  return new Command("serve")
    .description("run a server")
    .option("-c, --config <file>", "its configuration (also: SMIMP_CONFIG)", process.env["SMIMP_CONFIG"])
    .option("--development-network <file>", "servers on this machine, for development")
    .action(async (options: ServeOptions, command: Command) => {
      const written = await serverConfig(options.config);
      const webDir = written.webDir ?? webClientDir();
      const config = webDir === null ? written : { ...written, webDir };
      const { DataInUseError, endOnUnforeseenErrors, PairError, startServer } = await import("@smimp/server");
      endOnUnforeseenErrors();
      const network = options.developmentNetwork;
      const fetch = network === undefined ? undefined : createGuardedFetch({ developmentNetwork: await readDevelopmentNetwork(network) });
      const stop = interruption();
      const server = await startServer(config, fetch === undefined ? {} : { fetch }).catch((error: unknown) => {
        if (error instanceof PairError)
          throw new CliError(`${error.message[0]?.toUpperCase() ?? ""}${error.message.slice(1)}.`, {
            advice: "See tlsKeyFile and tlsCertificateFile in the configuration.",
          });
        if (!(error instanceof DataInUseError)) throw error;
        throw new CliError("Another program has the server's data for itself.", {
          advice: "Wait until `smimp server restored` is through.",
        });
      });
      // What an operator or a renewal hook says: look for certificates now.
      const reload = (): void => void server.reloadCertificates();
      // Closing a terminal says the same, and means the end.
      if (!process.stdin.isTTY) process.on("SIGHUP", reload);
      const { baseUrl, domains } = config;
      const output = createOutput(globalOptions(command).json);
      output.result(
        { event: "serving", base_url: baseUrl, port: server.port, domains },
        `Serving ${domains.join(", ")} at ${baseUrl} (port ${server.port}); ctrl-C ends it.`,
      );
      await new Promise((resolve) => stop.signal.addEventListener("abort", resolve, { once: true }));
      output.say("Stopping …");
      await server.close();
      await fetch?.close();
      process.off("SIGHUP", reload);
      stop.end();
    });
}
