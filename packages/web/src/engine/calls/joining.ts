import { exchange, serverInformation, type Fetch } from "@smimp/identity";
import { parseInvite } from "@smimp/client";
import { isSmimpError, parseAddress, type Address } from "@smimp/protocol";

/** What a person who was invited chooses from. */
export interface InvitedTo {
  readonly serverName: string;
  readonly host: string;
  readonly domains: readonly string[];
  /** `code`: with the invite's code; `open`: anybody may, for some work; `uninvited`: not without a code; `closed`: nobody. */
  readonly admission: "code" | "open" | "uninvited" | "closed";
}

/** Bytes of the answer to who has an address. */
const MAX_ANSWER_BYTES = 16 * 1024;
/** Longest wait for it. */
const ANSWER_SECONDS = 10;

/** Looks at the server that an invite is for. Throws `bad_request` for what is no invite, and a transport's errors. */
export async function lookAtInvite(fetch: Fetch, link: string): Promise<InvitedTo> {
  const { baseUrl, code } = parseInvite(link);
  const { name, domains, registration } = await serverInformation(fetch, baseUrl);
  const admission = registration === "closed" ? "closed" : code !== null ? "code" : registration === "open" ? "open" : "uninvited";
  return { serverName: name, host: new URL(baseUrl).host, domains, admission };
}

/** What can be said of an address before anybody asks for it: null where that can't be known. */
export type Chance = "free" | "taken" | "not-allowed" | null;

/** Whether somebody could have an address of an invite's server. */
export async function chanceOf(fetch: Fetch, link: string, text: string): Promise<Chance> {
  let address: Address;
  try {
    address = parseAddress(text);
  } catch (error) {
    if (isSmimpError(error)) return "not-allowed";
    throw error;
  }
  const { baseUrl } = parseInvite(link);
  const url = `${baseUrl}1.0/get_user/${encodeURIComponent(address)}/public_key`;
  try {
    const { status } = await exchange(fetch, url, {}, { maxBytes: MAX_ANSWER_BYTES, seconds: ANSWER_SECONDS });
    if (status === 200) return "taken";
    return status === 404 ? "free" : null;
  } catch (error) {
    if (isSmimpError(error)) return null;
    throw error;
  }
}
