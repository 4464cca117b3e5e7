import { ENDPOINTS, PROBLEM_CODES, problemDocument, type Endpoint, type EndpointName } from "@smimp/protocol";
import { toJsonSchema } from "@valibot/to-json-schema";
import type { GenericSchema } from "valibot";
import type { Limits } from "../bounds.ts";
import { maxBytesOf, pathOf } from "./routes.ts";

type Json = Record<string, unknown>;

const WHO: Readonly<Record<Endpoint["caller"], string>> = {
  anyone: "Anyone may call.",
  session: "Takes a master session of any address.",
  owner: "Takes the master session of a local account.",
  owner_or_recovery: "Takes the master or recovery session of a local account.",
};

const CONDITIONAL: ReadonlySet<EndpointName> = new Set(["putKeystore", "putMessageArchive", "setMessageExtensions"]);

/** The OpenAPI 3.1 document, made from the schemas that requests and answers are checked by. */
export function openApiDocument(options: { readonly name: string; readonly baseUrl: string; readonly limits: Limits }): Json {
  const paths: Record<string, Json> = {};
  for (const name of Object.keys(ENDPOINTS) as EndpointName[]) {
    const endpoint: Endpoint = ENDPOINTS[name];
    const path = (paths[`/${pathOf(name)}`] ??= {});
    path[endpoint.method.toLowerCase()] = operation(name, endpoint, options.limits);
  }
  return {
    openapi: "3.1.0",
    info: { title: `SMIMP 1.0 at ${options.name}`, version: "1.0", license: { name: "Apache-2.0", identifier: "Apache-2.0" } },
    servers: [{ url: options.baseUrl.replace(/\/$/, "") }],
    paths,
    components: {
      securitySchemes: { session: { type: "apiKey", in: "header", name: "SMIMP-Authentication" } },
      schemas: { Problem: { ...schemaOf(problemDocument), description: `code is one of ${PROBLEM_CODES.join(", ")}` } },
      responses: {
        Problem: {
          description: "What went wrong.",
          content: { "application/problem+json": { schema: { $ref: "#/components/schemas/Problem" } } },
        },
      },
    },
  };
}

function operation(name: EndpointName, endpoint: Endpoint, limits: Limits): Json {
  const { body, mediaType, answer, caller } = endpoint;
  const status = endpoint.status ?? (answer === undefined ? 204 : 200);
  const content = answer === undefined ? {} : { content: contentOf(answer) };
  return {
    operationId: name,
    summary: endpoint.summary,
    description: WHO[caller],
    ...(caller === "anyone" ? {} : { security: [{ session: [] }] }),
    parameters: [
      ...parametersOf("path", endpoint.params),
      ...parametersOf("query", endpoint.query),
      ...(CONDITIONAL.has(name)
        ? ["If-Match", "If-None-Match"].map((header) => ({ name: header, in: "header", schema: { type: "string" } }))
        : []),
    ],
    ...(body === undefined
      ? {}
      : {
          requestBody: {
            required: true,
            description: name === "importAccount" ? "As large as the account may be." : `At most ${maxBytesOf(name, limits)} bytes.`,
            content: mediaType === undefined ? contentOf(body) : { [mediaType]: {} },
          },
        }),
    responses: { [status]: { description: "Done.", ...content }, default: { $ref: "#/components/responses/Problem" } },
  };
}

function contentOf(kind: NonNullable<Endpoint["answer"]>): Json {
  if (kind === "bytes") return { "application/octet-stream": {} };
  if (kind === "ndjson") return { "application/x-ndjson": {} };
  if (kind === "events") return { "text/event-stream": {} };
  return { "application/json": { schema: schemaOf(kind) } };
}

function parametersOf(place: "path" | "query", schema: GenericSchema | undefined): readonly Json[] {
  if (schema === undefined) return [];
  const { properties = {}, required = [] } = schemaOf(schema) as { properties?: Record<string, Json>; required?: string[] };
  return Object.entries(properties).map(([name, property]) => ({
    name,
    in: place,
    required: place === "path" || required.includes(name),
    schema: property,
  }));
}

/** The part of a schema that JSON Schema can say; what only code can check is left out. */
function schemaOf(schema: GenericSchema): Json {
  const { $schema: _dialect, ...rest } = toJsonSchema(schema, { errorMode: "ignore", typeMode: "input" }) as Json;
  return rest;
}
