import { ENDPOINTS, type Endpoint, type EndpointName } from "@smimp/protocol";
import type { MirroredAnswer } from "../../hostile/mirror.ts";

/** Endpoints that no client calls: there are no answers of theirs to be read. */
export const NOT_CALLED: Readonly<Partial<Record<EndpointName, string>>> = {
  getMostRecent: "a client reads whole histories, which it can check",
  getPublicKey: "a client reads whole histories, which it can check",
  getUserAvatar: "who shows an avatar fetches the image where they show it",
  getPowParams: "what work is due is in the refusal of get_message_key",
  getFoldersOfType: "a client lists all its folders",
  getMessage: "a client fetches many at once, with messages",
  getMessageRead: "whether a message was read is in the changes",
  getQuota: "nothing in a client depends on how much room is left",
};

/** The endpoint that a request is to; null for what is none, as smimp.txt. */
export function endpointOf({ method, path }: Pick<MirroredAnswer, "method" | "path">): EndpointName | null {
  const [asked = ""] = path.split("?", 1);
  const found = Object.entries(ENDPOINTS).find(([name, endpoint]) => {
    const { path: pattern, method: its }: Endpoint = endpoint;
    const prefix = name === "getVersion" ? "/" : "/1.0/";
    return its === method && new RegExp(`^${prefix}${pattern.replaceAll(/\{[a-z_]+\}/g, "[^/]+")}$`).test(asked);
  });
  return found === undefined ? null : (found[0] as EndpointName);
}
