import { ENDPOINTS, isSmimpError, MAX_REQUEST_VALUES, maxBodyOf, parseJsonBytes, type Endpoint, type EndpointName } from "@smimp/protocol";
import type { GenericSchema } from "valibot";
import { codeOfValue, faultsOf, withFault } from "../input/schema.ts";
import { encodeTree, nameOfPlace, treeOf, type Tree } from "../input/tree.ts";
import type { NamedCase } from "../report.ts";
import type { Draft } from "../server/draft.ts";
import { wireOf } from "../server/mutate-request.ts";
import type { Drafts } from "../server/random-requests.ts";
import { tryRequest } from "../server/try-request.ts";
import { KNOWN_VALID } from "../server/valid.ts";
import { WORLD_MESSAGE_BYTES, type World } from "../server/world.ts";

/** What server cases run against. */
export interface Arena {
  readonly world: World;
  readonly drafts: Drafts;
}

/** Every fault that the schemas of the wire table allow to be made, one at a time, in requests that are valid otherwise. */
export function schemaCases(): readonly NamedCase<Arena>[] {
  return (Object.keys(ENDPOINTS) as EndpointName[]).flatMap((endpoint) => {
    const { params, query, body }: Endpoint = ENDPOINTS[endpoint];
    return [
      {
        name: `${endpoint}: as it should be`,
        run: async (arena: Arena) => await send(arena, endpoint, (draft) => draft, KNOWN_VALID.includes(endpoint) ? [] : null),
      },
      ...(params === undefined ? [] : [whole(endpoint, "params", params)]),
      ...(query === undefined ? [] : [whole(endpoint, "query", query)]),
      ...(body === undefined || body === "bytes" ? [] : [wholeBody(endpoint, body)]),
    ];
  });
}

/** All faults of a body, as one case: they need a draft to be known. */
function wholeBody(endpoint: EndpointName, schema: GenericSchema): NamedCase<Arena> {
  return {
    name: `${endpoint}: every fault of its body`,
    async run(arena, count) {
      const found: string[] = [];
      const { json } = await arena.drafts.get(endpoint);
      if (json === null) return ["there is no JSON body"];
      const largest = endpoint === "sendMessage" ? WORLD_MESSAGE_BYTES : maxBodyOf(ENDPOINTS[endpoint]);
      for (const { place, faults } of faultsOf(schema, json)) {
        for (const fault of faults) {
          count();
          const what = `${nameOfPlace(json, place)}: ${fault.what}`;
          // oxlint-disable-next-line no-await-in-loop
          const wrong = await sendBody(arena, endpoint, { schema, largest, change: (tree) => withFault(tree, place, fault) });
          found.push(...wrong.map((each) => `${what}: ${each}`));
        }
      }
      return found;
    },
  };
}

interface BodyFault {
  readonly schema: GenericSchema;
  readonly largest: number;
  change(tree: Tree): Tree;
}

async function sendBody(arena: Arena, endpoint: EndpointName, { schema, largest, change }: BodyFault): Promise<readonly string[]> {
  const { json } = await arena.drafts.get(endpoint);
  if (json === null) return ["there is no JSON body"];
  const changed = change(json);
  const bytes = encodeTree(changed);
  const code = bytes.length > largest ? "too_large" : codeOfBody(schema, bytes);
  return await send(arena, endpoint, (draft) => ({ ...draft, json: changed }), code === null ? null : [code]);
}

function codeOfBody(schema: GenericSchema, bytes: Uint8Array): string | null {
  try {
    return codeOfValue(schema, parseJsonBytes(bytes, MAX_REQUEST_VALUES));
  } catch (error) {
    if (!isSmimpError(error)) throw error;
    return error.code;
  }
}

/** All faults of parameters in the path or the query, as one case. */
function whole(endpoint: EndpointName, part: "params" | "query", schema: GenericSchema): NamedCase<Arena> {
  return {
    name: `${endpoint}: every fault of its ${part === "params" ? "path" : "query"}`,
    async run(arena, count) {
      const found: string[] = [];
      const draft = await arena.drafts.get(endpoint);
      const tree = treeOf(draft[part]);
      for (const { place, faults } of faultsOf(schema, tree)) {
        for (const { what, piece } of faults) {
          // What stands in a path or a query is text; what isn't is a body's business.
          if (place.length !== 1 || (piece !== null && piece.kind !== "text")) continue;
          count();
          const name = nameOfPlace(tree, place);
          // oxlint-disable-next-line no-await-in-loop
          const wrong = await sendPart(arena, endpoint, { part, name, schema, value: piece?.value ?? null });
          found.push(...wrong.map((each) => `${name}: ${what}: ${each}`));
        }
      }
      return found;
    },
  };
}

async function sendPart(
  arena: Arena,
  endpoint: EndpointName,
  fault: { readonly part: "params" | "query"; readonly name: string; readonly schema: GenericSchema; readonly value: string | null },
): Promise<readonly string[]> {
  const { part, name, schema, value } = fault;
  const draft = await arena.drafts.get(endpoint);
  const changed: Record<string, string> = { ...draft[part] };
  if (value === null) delete changed[name];
  else changed[name] = value;
  const code = codeOfValue(schema, value === null && part === "params" ? { ...changed, [name]: "" } : changed);
  // A path with nothing in a place may also be a path that leads nowhere.
  const codes = code === null ? null : part === "params" && (value === null || value === "") ? [code, "not_found"] : [code];
  return await send(arena, endpoint, () => ({ ...draft, [part]: changed }), codes);
}

/** Sends a changed draft. `codes` null: the schema takes it, and what comes is up to the server. */
async function send(
  arena: Arena,
  endpoint: EndpointName,
  change: (draft: Draft) => Draft,
  codes: readonly string[] | null,
): Promise<readonly string[]> {
  const { world, drafts } = arena;
  const draft = change(await drafts.get(endpoint));
  const expected = codes === null ? { success: true } : { codes, success: codes.length === 0 };
  const { faults, answer } = await tryRequest(world, wireOf(draft, ENDPOINTS[endpoint].method), expected);
  if (answer === null || answer.status < 400) drafts.usedUp(endpoint);
  return faults;
}
