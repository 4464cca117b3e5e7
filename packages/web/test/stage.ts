import { fileURLToPath } from "node:url";
import {
  chromiumArguments,
  createAuthority,
  chromiumPath,
  HEADLESS_ARGUMENTS,
  newPerson,
  startNetwork,
  type Authority,
  type Network,
  type NetworkOptions,
  type Person,
} from "@smimp/testkit";
import { chromium, type Browser, type BrowserContext, type BrowserContextOptions, type Page } from "playwright-core";
import { laySlowLine, type LineProfile, type SlowLine } from "./slow-line.ts";

/** Where `npm run build:web` puts the web client. */
export const BUILT = fileURLToPath(new URL("../dist", import.meta.url));

/** How long anything in a page is waited for, milliseconds: nothing depends on how fast the machine is. */
const PATIENCE = 90_000;

/** Two domains with the web client on their servers, and a Chromium that finds them. */
export interface Stage {
  readonly network: Network;
  readonly browser: Browser;
  /** The line between the browser and the servers, where one was wished for. */
  readonly line: SlowLine | null;
  /** A browser profile of its own, as another person's or another device's, with a page in it. */
  open(options?: BrowserContextOptions): Promise<Visitor>;
  /** Somebody who writes without a browser. */
  person(address: string): Promise<Person>;
  close(): Promise<void>;
}

/** A page, and what went wrong in it. */
export interface Visitor {
  readonly context: BrowserContext;
  readonly page: Page;
  /** Errors of scripts, refusals of the Content-Security-Policy, and requests to anywhere but this network. */
  readonly faults: readonly string[];
}

/** What a stage shall be like. */
export interface StageOptions extends Partial<NetworkOptions> {
  /** Puts others where the network's names lead, such as malicious servers, before the browser learns where that is. */
  readonly prepare?: (network: Network) => Promise<void>;
  /** Lays a line like this one between the browser and the servers. */
  readonly line?: LineProfile;
}

/** Sets a stage; `close` ends everything that it started. `args` are further arguments for Chromium. */
export async function setStage({ prepare, line: profile, ...options }: StageOptions = {}, args: readonly string[] = []): Promise<Stage> {
  const { config } = options;
  const { authority, certificates } = rememberingAuthority();
  const network = await startNetwork({
    domains: ["alpha.example", "beta.example"],
    authority,
    ...options,
    config: (domain) => ({ webDir: BUILT, ...(typeof config === "function" ? config(domain) : config) }),
  });
  await prepare?.(network);
  const line = profile === undefined ? null : await laySlowLine(profile, network.developmentNetwork().hosts);
  const seen = line === null ? network : { ...network, developmentNetwork: () => ({ ...network.developmentNetwork(), hosts: line.hosts }) };
  const browser = await chromium
    .launch({ executablePath: chromiumPath(), args: [...HEADLESS_ARGUMENTS, ...chromiumArguments(seen, certificates), ...args] })
    .catch(async (error: unknown) => {
      await line?.close();
      await network.close();
      throw error;
    });
  const people: Person[] = [];
  const hosts = Object.keys(network.developmentNetwork().hosts);
  return {
    network,
    browser,
    line,
    open: async (contextOptions) => {
      const context = await browser.newContext({ locale: "en-GB", ...contextOptions });
      context.setDefaultTimeout(PATIENCE);
      const page = await context.newPage();
      const faults: string[] = [];
      page.on("pageerror", (error) => faults.push(error.message));
      page.on("console", (message) => {
        if (message.type() === "error" && /Content Security Policy|Trusted ?Type/i.test(message.text())) faults.push(message.text());
      });
      context.on("request", (request) => {
        const { protocol, hostname } = new URL(request.url());
        if (protocol !== "blob:" && !hosts.includes(hostname)) faults.push(`a request to ${request.url()}`);
      });
      return { context, page, faults };
    },
    person: async (address) => {
      const person = await newPerson(network, address);
      people.push(person);
      return person;
    },
    close: async () => {
      await browser.close();
      await Promise.all(people.map(async ({ client }) => await client.close()));
      await line?.close();
      await network.close();
    },
  };
}

/** An authority whose certificates can all be told to a browser, which knows nothing of authorities. */
function rememberingAuthority(): { readonly authority: Authority; readonly certificates: readonly string[] } {
  const certificates: string[] = [];
  const { certificate, issue } = createAuthority();
  return {
    certificates,
    authority: {
      certificate,
      issue: (request) => {
        const issued = issue(request);
        certificates.push(issued.certificate);
        return issued;
      },
    },
  };
}
