import { once } from "node:events";
import { readFile } from "node:fs/promises";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { basename, join } from "node:path";
import { chromiumArguments, chromiumPath, HEADLESS_ARGUMENTS, type Network } from "@smimp/testkit";
import { chromium } from "playwright-core";
import { rolldown } from "rolldown";

/** A page of strict habits: its own scripts and WebAssembly, nothing evaluated; it speaks to SMIMP servers alone. */
const POLICY = "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; worker-src 'self'; connect-src https:";
/**
 * Bundles the pages of a project for browsers, and the worker beside them. Returns the folder. Throws where something of Node's is
 * needed, since a browser has none of it.
 */
export async function bundle(project: string, pages: readonly string[]): Promise<string> {
  const build = await rolldown({
    cwd: project,
    input: { worker: "@smimp/client/worker", ...Object.fromEntries(pages.map((page) => [page, join(project, `${page}.ts`)])) },
    platform: "browser",
    onLog(level, log, handle) {
      handle(log.code === "UNRESOLVED_IMPORT" ? "error" : level, log);
    },
  });
  const dir = join(project, "public");
  const { output } = await build.write({ dir, format: "esm", entryFileNames: "[name].js" });
  await build.close();
  const foreign = output
    .flatMap((each) => (each.type === "chunk" ? [...each.imports, ...each.dynamicImports] : []))
    .filter((name) => name.includes(":"));
  if (foreign.length > 0) throw new Error(`the bundle needs ${foreign.join(", ")}`);
  return dir;
}

/** A call of what a page exports, and its arguments. */
export interface PageCall {
  readonly page: string;
  readonly name: string;
  readonly args: readonly unknown[];
}

/** Calls a page in headless Chromium (env CHROMIUM, or /usr/bin/chromium) against a network; also returns which files it fetched. */
export async function callPage(
  folder: string,
  network: Network,
  { page: module, name, args }: PageCall,
): Promise<{ readonly result: unknown; readonly fetched: readonly string[] }> {
  const fetched: string[] = [];
  const server = serve(folder, fetched);
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const browser = await chromium.launch({
    executablePath: chromiumPath(),
    args: [...HEADLESS_ARGUMENTS, ...chromiumArguments(network)],
  });
  try {
    const page = await browser.newPage();
    const faults: string[] = [];
    page.on("pageerror", (error) => faults.push(error.message));
    await page.goto(`http://127.0.0.1:${(server.address() as AddressInfo).port}/`);
    const call = `${name}(...${JSON.stringify(args)})`;
    const result = await page.evaluate<unknown>(`import("/${module}.js").then((page) => page.${call})`);
    if (faults.length > 0) throw new Error(faults.join("\n"));
    return { result, fetched };
  } finally {
    await browser.close();
    server.closeAllConnections();
    server.close();
  }
}

function serve(folder: string, fetched: string[]): Server {
  return createServer((request, response) => {
    const name = basename(new URL(request.url ?? "/", "http://localhost").pathname);
    fetched.push(name);
    const send = (type: string, body: string | Uint8Array, status = 200): void => {
      response.writeHead(status, { "content-type": type, "content-security-policy": POLICY }).end(body);
    };
    if (name === "") send("text/html", "<!doctype html><title>Mail</title>");
    else
      void readFile(join(folder, name)).then(
        (body) => send("text/javascript", body),
        () => send("text/plain", "not found", 404),
      );
  });
}
