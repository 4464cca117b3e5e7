import { ENDPOINTS, MAX_HELD_KEYS } from "@smimp/protocol";
import type { Settings } from "../../config.ts";
import type { Handlers } from "../endpoint.ts";
import { PUBLIC_CACHE } from "../headers.ts";

/** What servers call themselves. */
const SOFTWARE = "smimp-server/0.1.0";
/** The versions that are spoken (protocol section 2). */
const VERSIONS = ["1.0"];

/** GET version, GET server_information (protocol section 2). */
export function serverEndpoints({ settings }: { readonly settings: Settings }) {
  const { name, domains, registration, limits } = settings;
  const endpoints = Object.values(ENDPOINTS).map(({ method, path }) => `${method} ${path}`);
  const information = {
    name,
    software: SOFTWARE,
    domains: [...domains],
    endpoints,
    limits: { message: limits.messageBytes, blob: limits.blobBytes, keys: MAX_HELD_KEYS },
    registration,
  };
  const headers = { "cache-control": PUBLIC_CACHE };
  return {
    getVersion: () => ({ body: { versions: VERSIONS }, headers }),
    getServerInformation: () => ({ body: information, headers }),
  } satisfies Partial<Handlers>;
}
