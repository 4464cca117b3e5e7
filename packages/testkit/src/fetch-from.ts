import { once } from "node:events";
import { Agent, request } from "node:https";
import type { IncomingMessage } from "node:http";
import type { Fetch } from "@smimp/identity";
import type { Network } from "./network.ts";

/** A fetch from an address of one's own, so that a server counts it apart from everybody else. */
export interface FetchFrom {
  readonly fetch: Fetch;
  /** Ends its connections. */
  close(): void;
}

/**
 * A fetch whose connections come from another loopback address, e.g. `127.7.0.1`: all of 127.0.0.0/8 is this machine, and servers
 * count by /24 or by address. It checks certificates, and none of what the guarded fetch guards.
 */
export function fetchFrom(network: Network, localAddress: string): FetchFrom {
  const agent = new Agent({ keepAlive: true, maxSockets: 16 });
  const fetch: Fetch = async (url, { method = "GET", headers = {}, body, signal }) => {
    const { hostname, pathname, search } = new URL(url);
    const [host, port] = (network.developmentNetwork().hosts[hostname] ?? "").split(":");
    if (host === undefined || port === undefined) throw new TypeError(`${hostname} is not of this network`);
    const outgoing = request({
      agent,
      host,
      port,
      localAddress,
      servername: hostname,
      ca: network.authority.certificate,
      method,
      path: `${pathname}${search}`,
      headers: { ...headers, host: hostname },
      ...(signal === undefined ? {} : { signal }),
    });
    outgoing.on("error", () => outgoing.destroy());
    if (body === undefined || typeof body === "string" || body instanceof Uint8Array) outgoing.end(body);
    else {
      for await (const piece of body) if (!outgoing.write(piece)) await once(outgoing, "drain");
      outgoing.end();
    }
    const [answer] = (await once(outgoing, "response")) as [IncomingMessage];
    return {
      status: answer.statusCode ?? 0,
      headers: {
        get: (name) => {
          const value = answer.headers[name.toLowerCase()];
          return typeof value === "string" ? value : (value?.join(", ") ?? null);
        },
      },
      body: answer as AsyncIterable<Uint8Array>,
    };
  };
  return { fetch, close: () => agent.destroy() };
}
