import { createServer, type Server } from "node:http";
import type { Socket } from "node:net";
import type { Logger } from "pino";
import { describeError } from "../describe-error.ts";
import type { Challenges } from "./challenges.ts";

const PATH = "/.well-known/acme-challenge/";
/** Nobody has anything else to do here: where more come, the first of them give way. */
const MOST_CONNECTIONS = 64;
const TIMEOUT_MILLISECONDS = 10_000;
const CHECK_MILLISECONDS = 2_000;

/** Answers an authority on port 80, and leads everybody else to the base URL. Rejects where it can't listen. */
export async function listenOnPort80(
  { host, port }: { readonly host: string; readonly port: number },
  challenges: Pick<Challenges, "textOf">,
  { baseUrl, log }: { readonly baseUrl: string; readonly log: Logger },
): Promise<Server> {
  const options = { maxHeaderSize: 8 * 1024, requestTimeout: TIMEOUT_MILLISECONDS, connectionsCheckingInterval: CHECK_MILLISECONDS };
  const server = createServer(options, (request, response) => {
    const [path = ""] = (request.url ?? "").split("?", 1);
    const text = path.startsWith(PATH) ? challenges.textOf(path.slice(PATH.length)) : null;
    response.setHeader("connection", "close");
    if (text !== null) response.writeHead(200, { "content-type": "text/plain" }).end(text);
    else if (path.startsWith(PATH)) response.writeHead(404).end();
    // Never to what the request says: the path may lead anywhere.
    else response.writeHead(302, { location: baseUrl }).end();
  });
  const sockets = new Set<Socket>();
  server.timeout = TIMEOUT_MILLISECONDS;
  server.on("connection", (socket) => {
    const [first] = sockets;
    if (sockets.size >= MOST_CONNECTIONS) first?.destroy();
    sockets.add(socket);
    socket.once("close", () => sockets.delete(socket));
  });
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(port, host, resolve);
  });
  server.removeAllListeners("error").on("error", (error) => log.error({ error: describeError(error) }, "port 80 is in trouble"));
  return server;
}
