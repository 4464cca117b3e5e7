import { lookup as systemLookup } from "node:dns/promises";
import { connect, isIP, type Socket } from "node:net";
import { SmimpError } from "@smimp/protocol";

/** Resolves a host name to all its addresses, as `dns.promises.lookup` with `all` does. */
export type Lookup = (host: string) => Promise<readonly { readonly address: string; readonly family: number }[]>;

/** The system's own resolver. */
export const lookup: Lookup = async (host) => await systemLookup(host, { all: true });

/** Addresses of one host that are tried. */
const MAX_ADDRESSES = 8;
/** How long one address may take before the next is tried beside it, milliseconds (RFC 8305). */
const NEXT_ADDRESS_MS = 250;

/** Where to connect. */
export interface SocketTarget {
  readonly host: string;
  readonly port: number;
}

/** How to connect. */
export interface SocketRules {
  readonly lookup: Lookup;
  /** Which addresses may be connected to. */
  readonly allowed: (address: string) => boolean;
  readonly signal: AbortSignal;
}

/**
 * Opens a TCP connection to a host. The name is looked up once, and only addresses from that one answer that are allowed
 * are connected to, so a name server that changes its mind gains nothing; the address really connected to is checked
 * once more before anything is sent (protocol section 5). Throws `insecure_transport` for a host without an allowed
 * address and `temporarily_unavailable` for one that can't be found or reached.
 */
export async function openSocket({ host, port }: SocketTarget, { lookup, allowed, signal }: SocketRules): Promise<Socket> {
  const answers = isIP(host) === 0 ? await find(host, lookup, signal) : [host];
  const addresses = answers.filter((address) => isIP(address) !== 0 && allowed(address)).slice(0, MAX_ADDRESSES);
  if (addresses.length === 0) throw forbidden(host);
  const socket = connect({
    host,
    port,
    // With a literal as host Node asks nobody, and that literal was checked above.
    lookup: (_host, options, done) => {
      const list = addresses.map((address) => ({ address, family: isIP(address) }));
      if (options.all === true) done(null, list);
      else done(null, list[0]?.address ?? "", list[0]?.family ?? 0);
    },
    autoSelectFamily: true,
    autoSelectFamilyAttemptTimeout: NEXT_ADDRESS_MS,
    noDelay: true,
  });
  await connected(socket, host, signal);
  if (!allowed(socket.remoteAddress ?? "")) {
    socket.destroy();
    throw forbidden(host);
  }
  return socket;
}

async function find(host: string, lookup: Lookup, signal: AbortSignal): Promise<readonly string[]> {
  try {
    // Each address is read once, here: what is checked is what is connected to.
    return (await orAborted(lookup(host), signal)).map(({ address }) => address);
  } catch (cause) {
    throw new SmimpError("temporarily_unavailable", `the name ${host} was not found`, { cause });
  }
}

async function connected(socket: Socket, host: string, signal: AbortSignal): Promise<void> {
  try {
    await orAborted(
      new Promise<void>((resolve, reject) => {
        socket.once("connect", resolve);
        socket.once("error", reject);
        socket.once("close", () => reject(new Error("closed")));
      }),
      signal,
    );
  } catch (cause) {
    socket.on("error", () => undefined);
    socket.destroy();
    throw new SmimpError("temporarily_unavailable", `${host} can't be reached`, { cause });
  }
}

async function orAborted<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  signal.throwIfAborted();
  let stop = (): void => undefined;
  const aborted = new Promise<never>((_resolve, reject) => {
    stop = () => reject(signal.reason as Error);
    signal.addEventListener("abort", stop, { once: true });
  });
  try {
    return await Promise.race([work, aborted]);
  } finally {
    signal.removeEventListener("abort", stop);
  }
}

function forbidden(host: string): SmimpError {
  return new SmimpError("insecure_transport", `${host} is not at a public address`);
}
