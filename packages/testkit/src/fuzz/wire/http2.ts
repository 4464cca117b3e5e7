import { connect, type ClientHttp2Session } from "node:http2";
import type { Target, WireAnswer } from "./http1.ts";

/** A connection that speaks HTTP/2 as Node's own client does: for requests that are wrong in what they say, not in how. */
export interface Http2Line {
  readonly isOpen: boolean;
  /** The answer; null where the stream was reset, the connection ended, or Node refuses to send such headers. */
  request(
    headers: Readonly<Record<string, string | readonly string[]>>,
    body: Uint8Array,
    milliseconds: number,
  ): Promise<WireAnswer | null>;
  close(): void;
}

/** Opens a line. */
export function openHttp2Line(target: Target): Http2Line {
  const session = connect(`https://${target.host}`, {
    host: "127.0.0.1",
    port: target.port,
    servername: target.host,
    ca: target.ca,
  } as object);
  session.on("error", () => undefined);
  return {
    get isOpen() {
      return !session.closed && !session.destroyed;
    },
    request: (headers, body, milliseconds) => request(session, headers, body, milliseconds),
    close: () => session.destroy(),
  };
}

async function request(
  session: ClientHttp2Session,
  headers: Readonly<Record<string, string | readonly string[]>>,
  body: Uint8Array,
  milliseconds: number,
): Promise<WireAnswer | null> {
  const { promise, resolve } = Promise.withResolvers<WireAnswer | null>();
  const parts: Buffer[] = [];
  let answer: Omit<WireAnswer, "body"> | null = null;
  const end = (): void => resolve(answer === null ? null : { ...answer, body: Buffer.concat(parts) });
  const timer = setTimeout(end, milliseconds);
  try {
    const stream = session.request({ ...headers } as Record<string, string>, { endStream: body.length === 0 });
    stream.on("error", end).on("close", end).on("end", end);
    stream.on("response", (received) => {
      const pairs = Object.entries(received).filter(([name]) => !name.startsWith(":"));
      answer = { status: Number(received[":status"]), headers: pairs.map(([name, value]) => [name, String(value)] as const) };
    });
    stream.on("data", (part: Buffer) => {
      parts.push(part);
      // Streams of events don't end by themselves.
      if (String(answer?.headers.find(([name]) => name === "content-type")?.[1]) === "text/event-stream") {
        end();
        stream.close();
      }
    });
    if (body.length > 0) stream.end(body);
  } catch {
    end();
  }
  const result = await promise;
  clearTimeout(timer);
  return result;
}
