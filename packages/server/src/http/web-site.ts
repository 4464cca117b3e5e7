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

/** What a page might ask of a browser or a device, and this one never does. */
const NEVER_ASKED = [
  "accelerometer",
  "attribution-reporting",
  "autoplay",
  "bluetooth",
  "browsing-topics",
  "clipboard-read",
  "compute-pressure",
  "display-capture",
  "encrypted-media",
  "gamepad",
  "geolocation",
  "gyroscope",
  "hid",
  "identity-credentials-get",
  "idle-detection",
  "keyboard-map",
  "local-fonts",
  "magnetometer",
  "microphone",
  "midi",
  "otp-credentials",
  "payment",
  "picture-in-picture",
  "publickey-credentials-create",
  "publickey-credentials-get",
  "screen-wake-lock",
  "serial",
  "storage-access",
  "usb",
  "window-management",
  "xr-spatial-tracking",
] as const;

/** A page that holds a mailbox is nobody else's, and asks for nothing of the device but the camera, to scan codes. */
const PAGE_HEADERS = {
  "cross-origin-opener-policy": "same-origin",
  "cross-origin-resource-policy": "same-origin",
  "permissions-policy": ["camera=(self)", "clipboard-write=(self)", ...NEVER_ASKED.map((each) => `${each}=()`)].join(", "),
} as const;

/** What is answered to who asks for a file of the web client. */
export interface WebAnswer {
  readonly status: 200 | 304;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer | null;
}

/** How the files of a web client are answered. */
export interface WebSite {
  /** By path from the base URL; the page stands at the empty one and at that of invites. */
  readonly paths: readonly string[];
  /** The answer for one of the paths; `headers` are those of the request, in lower case. */
  answer(path: string, headers: Readonly<Record<string, string | readonly string[] | undefined>>): WebAnswer;
}

/** Makes a site of the files of a web client. */
export function createWebSite({ files, inlineHashes }: WebFiles): WebSite {
  const policy = policyOf(inlineHashes);
  const byPath = new Map(files.flatMap((file) => pathsOf(file).map((path) => [path, file] as const)));
  return {
    paths: [...byPath.keys()],
    answer: (path, headers) => {
      const file = byPath.get(path);
      if (file === undefined) throw new TypeError(`the web client has no ${path}`);
      const { type, etag, immutable } = file;
      const common = {
        ...PAGE_HEADERS,
        "content-security-policy": policy,
        "content-type": type,
        "cache-control": immutable ? FOR_GOOD : ASK_AGAIN,
        etag,
        vary: "accept-encoding",
      };
      if (headers["if-none-match"] === etag) return { status: 304, headers: common, body: null };
      const { encoding, bytes } = bodyFor(String(headers["accept-encoding"] ?? ""), file);
      return { status: 200, headers: encoding === null ? common : { ...common, "content-encoding": encoding }, body: bytes };
    },
  };
}

/** Routes of a site on a server. */
export function webRoutes(site: WebSite): readonly SiteRoute[] {
  return site.paths.map((path) => ({
    methods: ["GET"],
    path,
    inside: true,
    async serve(request, reply) {
      const { status, headers, body } = site.answer(path, request.headers);
      return reply
        .code(status)
        .headers(headers)
        .send(body ?? undefined);
    },
  }));
}

function pathsOf({ path }: WebFile): readonly string[] {
  return path === "index.html" ? ["", "join"] : [path];
}

function bodyFor(accepts: string, { bodies }: WebFile): WebFile["bodies"][number] {
  const accepted = new Set(accepts.split(/\s*,\s*/));
  const [first] = bodies.filter(({ encoding }) => encoding === null || accepted.has(encoding));
  if (first === undefined) throw new TypeError("a file stands as it is at least");
  return first;
}
