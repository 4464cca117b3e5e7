import type { Request } from "./fastify-types.ts";
import { PUBLIC_CACHE } from "./headers.ts";
import type { SiteRoute } from "./site.ts";
import type { WebFile, WebFiles } from "./web-files.ts";

const FOR_GOOD = "public, max-age=31536000, immutable";
/** The page itself and what names the rest are asked for again each time; most often nothing has changed. */
const ASK_AGAIN = "no-cache";

/**
 * What the web client may do. Scripts, styles, workers and WebAssembly are this server's own files and nothing is evaluated; no text
 * becomes markup or a script's address but through the two policies named. It may connect anywhere by https, since mail goes straight
 * to each recipient's server, and to nothing else; it shows no image but its own and those of messages, which come as `blob:`.
 */
function policyOf(inlineHashes: readonly string[]): string {
  return [
    "default-src 'none'",
    ["script-src 'self' 'wasm-unsafe-eval'", ...inlineHashes].join(" "),
    "style-src 'self'",
    "img-src 'self' blob:",
    "font-src 'self'",
    "connect-src 'self' https:",
    "worker-src 'self'",
    "manifest-src 'self'",
    "frame-src 'none'",
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
    "require-trusted-types-for 'script'",
    "trusted-types smimp ProseMirrorClipboard",
  ].join("; ");
}

/** A page that holds a mailbox is nobody else's, and asks for nothing of the device but the camera, to scan codes. */
const PAGE_HEADERS = {
  "cross-origin-opener-policy": "same-origin",
  "cross-origin-resource-policy": "same-origin",
  "permissions-policy":
    "camera=(self), clipboard-write=(self), accelerometer=(), display-capture=(), geolocation=(), gyroscope=(), magnetometer=(), microphone=(), midi=(), payment=(), usb=()",
} as const;

/** Routes of the web client: its files, and its page at the base URL and at the address of invites. */
export function webRoutes({ files, inlineHashes }: WebFiles): readonly SiteRoute[] {
  const policy = policyOf(inlineHashes);
  return files.flatMap((file) => (file.path === "index.html" ? ["", "join"] : [file.path]).map((path) => routeOf(path, file, policy)));
}

function routeOf(path: string, file: WebFile, policy: string): SiteRoute {
  return {
    methods: ["GET"],
    path,
    inside: true,
    async serve(request, reply) {
      const caching = file.immutable ? FOR_GOOD : path.startsWith("icon") ? PUBLIC_CACHE : ASK_AGAIN;
      reply
        .headers({ ...PAGE_HEADERS, "content-security-policy": policy, "cache-control": caching, etag: file.etag, vary: "accept-encoding" })
        .header("content-type", file.type);
      if (request.headers["if-none-match"] === file.etag) return reply.code(304).send();
      const { encoding, bytes } = bodyFor(request, file);
      if (encoding !== null) reply.header("content-encoding", encoding);
      return reply.send(bytes);
    },
  };
}

function bodyFor(request: Request, { bodies }: WebFile): WebFile["bodies"][number] {
  const accepted = new Set((request.headers["accept-encoding"] ?? "").toString().split(/\s*,\s*/));
  const [first] = bodies.filter(({ encoding }) => encoding === null || accepted.has(encoding));
  if (first === undefined) throw new TypeError("a file stands as it is at least");
  return first;
}
