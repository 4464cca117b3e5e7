import { createServer, type Server } from "node:http";
import type { Challenges } from "./challenges.ts";

const PATH = "/.well-known/acme-challenge/";
/** Nobody has anything else to do here. */
const MOST_CONNECTIONS = 64;
const TIMEOUT_MILLISECONDS = 10_000;

/** Answers an authority on port 80, and leads everybody else to the base URL. Rejects where it can't listen. */
export async function listenOnPort80(
  { host, port }: { readonly host: string; readonly port: number },
  challenges: Pick<Challenges, "textOf">,
  baseUrl: string,
): Promise<Server> {
  const server = createServer({ maxHeaderSize: 8 * 1024, requestTimeout: TIMEOUT_MILLISECONDS }, (request, response) => {
    const [path = ""] = (request.url ?? "").split("?", 1);
    const text = path.startsWith(PATH) ? challenges.textOf(path.slice(PATH.length)) : null;
    response.setHeader("connection", "close");
    if (text !== null) response.writeHead(200, { "content-type": "text/plain" }).end(text);
    else if (path.startsWith(PATH)) response.writeHead(404).end();
    // Never to what the request says: the path may lead anywhere.
    else response.writeHead(302, { location: baseUrl }).end();
  });
  server.maxConnections = MOST_CONNECTIONS;
  server.timeout = TIMEOUT_MILLISECONDS;
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(port, host, resolve);
  });
  return server;
}
