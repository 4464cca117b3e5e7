import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { readWebFiles } from "./http/web-files.ts";
import { createWebSite } from "./http/web-site.ts";

/** A web client that a person's own machine serves to itself. */
export interface LocalWebClient {
  /** `http://127.0.0.1:PORT/`: browsers treat loopback as a secure context, and nothing leaves the machine. */
  readonly url: string;
  close(): Promise<void>;
}

const LOOPBACK = "127.0.0.1";

/**
 * Serves a built web client on the loopback address alone, with the headers that servers give it. The port is part of the origin under
 * which the browser keeps the mailbox: another port is another, empty, client. Throws what listening throws, e.g. `EADDRINUSE`.
 */
export async function serveWebClient({ dir, port }: { readonly dir: string; readonly port: number }): Promise<LocalWebClient> {
  const site = createWebSite(readWebFiles(dir));
  const paths = new Set(site.paths);
  const server = createServer((request, response) => {
    const { port: listening } = server.address() as AddressInfo;
    const [path = ""] = (request.url ?? "/").slice(1).split(/[?#]/, 1);
    // A name that somebody else points here would be another origin with the same files.
    const known = request.headers.host === `${LOOPBACK}:${listening}`;
    if (!known || !paths.has(path) || (request.method !== "GET" && request.method !== "HEAD")) {
      response.writeHead(known ? 404 : 421, { "content-type": "text/plain" }).end(known ? "there is nothing here\n" : "not this host\n");
      return;
    }
    const { status, headers, body } = site.answer(path, request.headers);
    response.writeHead(status, { ...headers, "referrer-policy": "no-referrer", "x-content-type-options": "nosniff" });
    response.end(request.method === "HEAD" ? undefined : (body ?? undefined));
  });
  server.listen(port, LOOPBACK);
  await once(server, "listening");
  return {
    url: `http://${LOOPBACK}:${(server.address() as AddressInfo).port}/`,
    close: async () => {
      server.closeAllConnections();
      server.close();
      await once(server, "close");
    },
  };
}
