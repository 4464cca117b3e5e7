import { hostOf, SmimpError, type Domain } from "@smimp/protocol";
import type { Reply, Request } from "./fastify-types.ts";
import type { Settings } from "../config.ts";
import type { Store } from "../store/store.ts";
import { NO_CACHE, PUBLIC_CACHE } from "./headers.ts";
import { openApiDocument } from "./openapi.ts";
import { joinPage, landingPage, PAGE_CONTENT_SECURITY_POLICY } from "./pages.ts";
import { PROTOCOL_VERSION } from "./routes.ts";
import { readWebFiles } from "./web-files.ts";
import { createWebSite, webRoutes } from "./web-site.ts";

/** Seconds after which to ask a server again that isn't ready. */
const NOT_READY_SECONDS = 5;

/** A route beside the endpoints. */
export interface SiteRoute {
  readonly methods: readonly ["GET"];
  readonly path: string;
  /** Below the base URL, or at the root of the host. */
  readonly inside: boolean;
  serve(request: Request, reply: Reply): Promise<Reply>;
}

/** The host that a request is for, as it says itself: what a proxy was told in other headers is somebody's claim. */
function hostNamed({ raw }: Request): string {
  const { [":authority"]: authority, host = "" } = raw.headers;
  return (typeof authority === "string" ? authority : host).replace(/:\d+$/, "").toLowerCase();
}

/** smimp.txt, health and readiness, the OpenAPI document, and the pages for people. */
export function siteRoutes(deps: {
  readonly settings: Settings;
  readonly store: Store;
  readonly isDraining: () => boolean;
}): readonly SiteRoute[] {
  const { settings, store, isDraining } = deps;
  const { baseUrl, name, domains, limits } = settings;
  const hosts: ReadonlySet<string> = new Set<Domain>([...domains, hostOf(baseUrl)]);
  // As bytes that all answers share: however many ask and don't read, they are in memory once.
  let openApi: Buffer | null = null;

  const text = (path: string, type: string, caching: string, make: (request: Request) => string | Buffer, inside = true): SiteRoute => ({
    methods: ["GET"],
    path,
    inside,
    async serve(request, reply) {
      return reply.header("content-type", type).header("cache-control", caching).send(make(request));
    },
  });
  const html = (path: string, content: string): SiteRoute => {
    const bytes = Buffer.from(content);
    return {
      methods: ["GET"],
      path,
      inside: true,
      async serve(_request, reply) {
        return reply
          .header("content-type", "text/html; charset=utf-8")
          .header("content-security-policy", PAGE_CONTENT_SECURITY_POLICY)
          .header("cache-control", PUBLIC_CACHE)
          .send(bytes);
      },
    };
  };

  return [
    // Only for hosts that are this server's: it speaks for no other domain (protocol section 2).
    text(
      ".well-known/smimp.txt",
      "text/plain; charset=utf-8",
      PUBLIC_CACHE,
      (request) => {
        if (!hosts.has(hostNamed(request))) throw new SmimpError("not_found", "no server for this domain");
        return `${baseUrl}\n`;
      },
      false,
    ),
    text("health", "application/json", NO_CACHE, () => '{"status":"ok"}'),
    {
      methods: ["GET"],
      path: "ready",
      inside: true,
      async serve(_request, reply) {
        if (isDraining()) {
          throw new SmimpError("temporarily_unavailable", "this server is closing", { retryAfter: NOT_READY_SECONDS });
        }
        // A look into the store: whoever can't read it, or couldn't write to it last, is not ready.
        await store.read((reader) => reader.accounts.list({ limit: 1 }));
        await store.checkWritable();
        return reply.header("content-type", "application/json").header("cache-control", NO_CACHE).send('{"status":"ready"}');
      },
    },
    text(
      `${PROTOCOL_VERSION}/openapi.json`,
      "application/json",
      PUBLIC_CACHE,
      () => (openApi ??= Buffer.from(JSON.stringify(openApiDocument({ name, baseUrl, limits })))),
    ),
    ...(settings.webDir === null
      ? [html("", landingPage({ name, baseUrl })), html("join", joinPage({ name, baseUrl }))]
      : webRoutes(createWebSite(readWebFiles(settings.webDir)))),
  ];
}
