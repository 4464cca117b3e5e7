// npm run test:browser: runs every test vector in headless Chromium (env CHROMIUM, or /usr/bin/chromium) and ends with
// `N passed, N failed`. The page and the vectors come from a server on the loopback interface; nothing else is contacted.
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { chromium } from "playwright-core";
import { rolldown } from "rolldown";
import { readVector, vectorFiles } from "../packages/protocol/test/vector-files.ts";
import type { runServedVectors } from "../packages/protocol/test/vector-page.ts";
import { reportVectors } from "./report-vectors.ts";

const root = process.argv[2] ?? join(import.meta.dirname, "../vectors");
const CHROMIUM_ARGUMENTS = [
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];
/** The page runs under the policy of a strict web client: its own scripts and WebAssembly, nothing evaluated. */
const POLICY = "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; connect-src 'self'";

const server = serve(await bundle());
server.listen(0, "127.0.0.1");
await once(server, "listening");
try {
  reportVectors(await runInBrowser((server.address() as AddressInfo).port));
} finally {
  server.closeAllConnections();
  server.close();
}

/** The operations and all that they use as one module. */
async function bundle(): Promise<string> {
  const directory = mkdtempSync(join(tmpdir(), "smimp-vectors-"));
  try {
    const build = await rolldown({
      input: join(import.meta.dirname, "../packages/protocol/test/vector-page.ts"),
      platform: "browser",
      // A browser has no modules of Node's: whatever stays unresolved is an error, not a gap that shows at run time.
      onLog(level, log, handle) {
        handle(log.code === "UNRESOLVED_IMPORT" ? "error" : level, log);
      },
    });
    await build.write({ dir: directory, format: "esm", entryFileNames: "page.js", codeSplitting: false });
    await build.close();
    return readFileSync(join(directory, "page.js"), "utf8");
  } finally {
    rmSync(directory, { recursive: true });
  }
}

/** Sends one body with its media type. */
type Send = (type: string, body: string, status?: number) => void;

function serve(page: string): Server {
  const files = vectorFiles(root);
  return createServer((request, response) => {
    const { pathname } = new URL(request.url ?? "/", "http://localhost");
    const send: Send = (type, body, status = 200) => {
      response.writeHead(status, { "Content-Type": type, "Content-Security-Policy": POLICY }).end(body);
    };
    if (pathname === "/") send("text/html", "<!doctype html><title>Vectors</title>");
    else if (pathname === "/page.js") send("text/javascript", page);
    else if (pathname === "/files") send("application/json", JSON.stringify(files));
    else sendVector(decodeURIComponent(pathname.slice("/vectors/".length)), send);
  });

  function sendVector(file: string, send: Send): void {
    try {
      if (!files.includes(file)) throw new Error("not found");
      send("application/json", JSON.stringify(readVector(root, file)));
    } catch (error) {
      send("text/plain", String(error), 404);
    }
  }
}

async function runInBrowser(port: number): ReturnType<typeof runServedVectors> {
  const browser = await chromium.launch({ executablePath: process.env["CHROMIUM"] ?? "/usr/bin/chromium", args: CHROMIUM_ARGUMENTS });
  try {
    const page = await browser.newPage();
    await page.goto(`http://127.0.0.1:${port}/`);
    return await page.evaluate<Awaited<ReturnType<typeof runServedVectors>>>(`import("/page.js").then((page) => page.runServedVectors())`);
  } finally {
    await browser.close();
  }
}
