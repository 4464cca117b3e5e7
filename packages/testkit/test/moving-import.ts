import { connect, type ClientHttp2Session } from "node:http2";
import { connect as tlsConnect } from "node:tls";
import type { Network } from "../src/index.ts";

/** An import that is under way, sent piece by piece. */
export interface ImportUnderWay {
  /** Sends some more of it; resolves once that has left. */
  send(bytes: Uint8Array): Promise<void>;
  /** Sends no more. */
  end(): void;
  /** How it was answered: status, and the problem's code or the link. */
  readonly answer: Promise<{ readonly status: number; readonly code?: string; readonly link?: string }>;
}

/** A connection to a server on that port, from one of this machine's many addresses. */
export function connectTo(
  network: Network,
  domain: string,
  localAddress = "127.0.0.1",
  port = network.server(domain).port,
): ClientHttp2Session {
  const servername = `smimp.${domain}`;
  const to = { host: "127.0.0.1", port, servername, ca: network.authority.certificate, localAddress };
  const session = connect(`https://${servername}`, { createConnection: () => tlsConnect({ ...to, ALPNProtocols: ["h2"] }) });
  session.on("error", () => undefined);
  return session;
}

/** Begins an import. */
export function beginImport(session: ClientHttp2Session, token: string): ImportUnderWay {
  const stream = session.request({ ":method": "POST", ":path": "/1.0/import_account", "smimp-authentication": token });
  const { promise, resolve } = Promise.withResolvers<Awaited<ImportUnderWay["answer"]>>();
  let status = 0;
  let text = "";
  stream.on("response", (headers) => (status = Number(headers[":status"])));
  stream.setEncoding("utf8");
  stream.on("error", () => undefined);
  stream.on("data", (piece: string) => void (text += piece));
  stream.on("end", () => resolve({ status, ...(text === "" ? {} : (JSON.parse(text) as object)) }));
  return {
    send: async (bytes) => await new Promise((sent) => stream.write(bytes, () => sent())),
    end: () => void stream.end(),
    answer: promise,
  };
}
