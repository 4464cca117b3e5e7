import { ENDPOINTS, randomBytes, type Endpoint, type EndpointName } from "@smimp/protocol";
import { sampleOf } from "../input/schema.ts";
import { encodeTree, treeOf } from "../input/tree.ts";
import type { Draft } from "./draft.ts";
import { ACCOUNT_BUILDERS } from "./valid/accounts.ts";
import { MAILBOX_BUILDERS } from "./valid/mailbox.ts";
import { MOVING_BUILDERS } from "./valid/moving.ts";
import type { Builder, Builders } from "./valid/parts.ts";
import { SENDING_BUILDERS } from "./valid/sending.ts";
import type { World } from "./world.ts";

/** A valid request for each endpoint that needs more than its schema says. */
const BUILDERS: Builders = { ...ACCOUNT_BUILDERS, ...SENDING_BUILDERS, ...MAILBOX_BUILDERS, ...MOVING_BUILDERS };

/** Endpoints whose valid request may find nothing there. */
const MAY_BE_EMPTY: readonly string[] = ["getUserAvatar"];

/** Endpoints whose valid request is known to succeed; the others get what their schemas take, which a server may still refuse. */
export const KNOWN_VALID: readonly EndpointName[] = (Object.keys(ENDPOINTS) as EndpointName[]).filter((name) => {
  const { body, params }: Endpoint = ENDPOINTS[name];
  return !MAY_BE_EMPTY.includes(name) && (name in BUILDERS || (body === undefined && params === undefined));
});

/** A valid request to an endpoint, as somebody who may send it. */
export async function validDraft(world: World, endpoint: EndpointName): Promise<Draft> {
  const definition: Endpoint = ENDPOINTS[endpoint];
  const parts = await (BUILDERS[endpoint] ?? bySchema(definition))(world);
  const headers = { ...defaultHeaders(world, definition), ...parts.headers };
  return {
    endpoint,
    params: parts.params ?? {},
    query: parts.query ?? {},
    headers: Object.entries(headers),
    json: parts.json === undefined ? null : treeOf(parts.json),
    bytes: parts.bytes ?? null,
    signers: parts.signers ?? [],
  };
}

function bySchema({ params, body }: Endpoint): Builder {
  return () => ({
    ...(params === undefined ? {} : { params: sampleOf(params) as Record<string, string> }),
    ...(body === undefined ? {} : body === "bytes" ? { bytes: randomBytes(100) } : { json: sampleOf(body) }),
  });
}

function defaultHeaders({ tokens }: World, { caller, body }: Endpoint): Readonly<Record<string, string>> {
  const token = { anyone: null, session: tokens.bob, owner: tokens.alice, owner_or_recovery: tokens.alice }[caller];
  return {
    ...(token === null ? {} : { "smimp-authentication": token }),
    ...(body === undefined ? {} : { "content-type": body === "bytes" ? "application/octet-stream" : "application/json" }),
  };
}

/** The body of a draft as bytes. */
export function bodyOf({ json, bytes }: Pick<Draft, "json" | "bytes">): Uint8Array {
  return bytes ?? (json === null ? new Uint8Array() : encodeTree(json));
}
