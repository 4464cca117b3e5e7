import { parseBaseUrl, type Address, type BaseUrl } from "@smimp/protocol";
import type { Authority } from "../authority.ts";
import type { TestIdentity } from "../identity.ts";
import { body, json, paths } from "./answers.ts";
import { startPeer, type Answer, type Peer } from "./peer.ts";

/** A domain whose server shows whatever histories it is told to. */
export interface HistoryPeer {
  readonly domain: string;
  readonly baseUrl: BaseUrl;
  /** Both of its hosts, as a development network names them. */
  readonly hosts: Readonly<Record<string, string>>;
  readonly peer: Peer;
  /** Shows that history from now on: an identity's whole one, or any JSON, e.g. `identity.truncated(1)`. */
  show(address: Address, history: TestIdentity | { readonly records: readonly unknown[]; readonly profile: string | null }): void;
  /** Answers a path (or everything, with `*`) in any other way. */
  answer(path: string, answer: Answer): void;
  close(): Promise<void>;
}

/** Starts the server of a hostile domain, `https://smimp.<domain>/`, with a valid certificate for both of its names. */
export async function startHistoryPeer(authority: Authority, domain: string): Promise<HistoryPeer> {
  const baseUrl = parseBaseUrl(`https://smimp.${domain}/`);
  const answers: Record<string, Answer> = {
    "/.well-known/smimp.txt": body(`smimp.${domain}\n`),
    "/version": json({ versions: ["1.0"] }),
  };
  const peer = await startPeer(authority.issue({ hosts: [`smimp.${domain}`, domain] }), (request, response) =>
    (answers["*"] ?? paths(answers))(request, response),
  );
  return {
    domain,
    baseUrl,
    hosts: { [`smimp.${domain}`]: peer.address, [domain]: peer.address },
    peer,
    show: (address, history) => {
      answers[`/1.0/get_user/${address}/history`] = json("chain" in history ? history.history() : history);
    },
    answer: (path, answer) => {
      answers[path] = answer;
    },
    close: peer.close,
  };
}
