import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Client } from "@smimp/client";
import { openSqliteStorage } from "@smimp/client/sqlite";
import { MIN_PASSPHRASE_MEMORY } from "@smimp/protocol";
import { newPerson, startNetwork, type Network, type NetworkOptions } from "@smimp/testkit";
import { expect } from "vitest";
import { smimp, temporaryFolder, type Ran, type RunOptions } from "./smimp.ts";

/** The passphrase of everybody. */
export const PASSPHRASE = "correct horse battery";

/** Real servers, and people who use the real command line. */
export interface World {
  readonly network: Network;
  readonly passphraseFile: string;
  readonly networkFile: string;
  /** A path in a folder that goes when the world ends. */
  file(name: string): string;
  write(name: string, text: string): Promise<string>;
  homeOf(who: string): string;
  /**
   * Makes a home as joining does, but for a passphrase that costs less to try. `name` is the public one; `first` is done before a
   * command line ever opens it; `at` is the domain whose server invites, where it isn't one's own.
   * Resolves with the recovery phrase.
   */
  settle(who: string, name?: string, first?: (client: Client) => Promise<void>, at?: string): Promise<string>;
  /** Lets a domain's smimp.txt be that of a server's, for servers and command lines. */
  homeAt(domain: string, server: string): Promise<void>;
  /** Runs a command in somebody's home. */
  as(who: string, args: readonly string[], options?: RunOptions): Promise<Ran>;
  /** Runs a command that has to succeed; resolves with what it printed for programs. */
  done(who: string, args: readonly string[], options?: RunOptions): Promise<readonly Record<string, unknown>[]>;
  close(): Promise<void>;
}

/** Starts a world with these domains. */
export async function startWorld(
  domains: readonly string[],
  options: Pick<NetworkOptions, "authority" | "clock" | "config"> = {},
): Promise<World> {
  const network = await startNetwork({ ...options, domains });
  const folder = await temporaryFolder();
  const networkFile = join(folder.path, "network.json");
  await network.writeDevelopmentNetwork(networkFile);
  const passphraseFile = await folder.write("passphrase", `${PASSPHRASE}\n`);
  const homeOf = (who: string): string => join(folder.path, who.replace("#", "-"));
  const as = async (who: string, args: readonly string[], options: RunOptions = {}): Promise<Ran> =>
    await smimp([...args, "--home", homeOf(who)], options);
  return {
    network,
    passphraseFile,
    networkFile,
    file: (name) => join(folder.path, name),
    write: folder.write,
    homeOf,
    as,
    homeAt: async (domain, server) => {
      network.addHost(domain, `127.0.0.1:${network.server(server).port}`);
      await network.writeDevelopmentNetwork(networkFile);
    },
    settle: async (who, name, first, at) => {
      const home = homeOf(who);
      await mkdir(home, { mode: 0o700 });
      const invite: Network["invite"] = async (domain, address) => await network.invite(at ?? domain, address);
      const cost = { memory: MIN_PASSPHRASE_MEMORY };
      const storage = await openSqliteStorage({ file: join(home, "mail.db"), passphrase: PASSPHRASE, cost });
      const { client, phrase } = await newPerson({ ...network, invite }, who, { storage, ...(name === undefined ? {} : { name }) });
      await first?.(client);
      await client.close();
      const config = { address: who, passphrase_file: passphraseFile, development_network: networkFile };
      await writeFile(join(home, "config.json"), JSON.stringify(config));
      return phrase;
    },
    done: async (who, args, options) => {
      const ran = await as(who, [...args, "--json"], options);
      expect({ args, code: ran.code, stdout: ran.code === 0 ? "" : ran.stdout, stderr: ran.stderr }).toEqual({
        args,
        code: 0,
        stdout: "",
        stderr: "",
      });
      return ran.objects();
    },
    close: async () => {
      await network.close();
      await folder.remove();
    },
  };
}
