// The service worker: keeps the web client itself on this device, so that it opens without a network, and checks each file of it
// against the hash that the build wrote down. Requests for mail never pass through it.

/** A file of the build. */
interface BuiltFile {
  /** From the base URL. */
  readonly path: string;
  /** As in `integrity` of an element. */
  readonly integrity: string;
}

/** Put in by the build. */
declare const BUILD: { readonly version: string; readonly files: readonly BuiltFile[] };

/** What of a service worker's scope is used here. */
interface Scope {
  readonly registration: { readonly scope: string };
  readonly clients: {
    claim(): Promise<void>;
    matchAll(options: { type: "window" }): Promise<readonly { focus(): Promise<unknown>; postMessage(message: unknown): void }[]>;
    openWindow(url: string): Promise<unknown>;
  };
  skipWaiting(): Promise<void>;
  addEventListener(type: "install" | "activate", listener: (event: { waitUntil(work: Promise<unknown>): void }) => void): void;
  addEventListener(
    type: "fetch",
    listener: (event: { readonly request: Request; respondWith(answer: Promise<Response>): void }) => void,
  ): void;
  addEventListener(type: "message", listener: (event: { readonly data: unknown }) => void): void;
  addEventListener(
    type: "notificationclick",
    listener: (event: {
      readonly notification: { readonly data: unknown; close(): void };
      waitUntil(work: Promise<unknown>): void;
    }) => void,
  ): void;
}

const scope = globalThis as unknown as Scope;
const CACHE = `smimp-${BUILD.version}`;
const base = scope.registration.scope;
/** The page stands at the base URL itself, and at the address of invites. */
const urlOf = (path: string): string => (path === "index.html" ? base : new URL(path, base).href);
const known = new Map(BUILD.files.map(({ path, integrity }) => [urlOf(path), integrity]));
const invites = `${base}join`;

/**
 * A file as it was built. What isn't is refused, and with it this version: the one before goes on. Files whose names say what is in them
 * the browser may have fetched for the page already; where it has anything else under that name, it fetches it once more.
 */
async function fetched(url: string, cache: RequestCache, integrity: string): Promise<Response> {
  try {
    const answer = await fetch(url, { integrity, cache, credentials: "same-origin", redirect: "error" });
    if (!answer.ok) throw new TypeError(`${url} could not be fetched`);
    return answer;
  } catch (error) {
    if (cache === "reload") throw error;
    return await fetched(url, "reload", integrity);
  }
}

async function keep(): Promise<void> {
  const cache = await caches.open(CACHE);
  await Promise.all(
    BUILD.files.map(async ({ path, integrity }) => {
      const url = urlOf(path);
      await cache.put(url, await fetched(url, path.startsWith("assets/") ? "default" : "no-cache", integrity));
    }),
  );
}

async function tidy(): Promise<void> {
  const names = await caches.keys();
  await Promise.all(names.filter((name) => name.startsWith("smimp-") && name !== CACHE).map(async (name) => await caches.delete(name)));
  await scope.clients.claim();
}

async function answer(url: string, request: Request): Promise<Response> {
  const cache = await caches.open(CACHE);
  const kept = await cache.match(url);
  if (kept !== undefined) return kept;
  // The browser has thrown it away. A page may be a newer one by now; any other file is what was built, or none.
  const integrity = known.get(url);
  return await (url === base || integrity === undefined
    ? fetch(request)
    : fetch(url, { integrity, credentials: "omit", redirect: "error" }));
}

async function show(data: unknown): Promise<void> {
  const [open] = await scope.clients.matchAll({ type: "window" });
  if (open === undefined) await scope.clients.openWindow(typeof data === "string" && data.startsWith("#/") ? `${base}${data}` : base);
  else {
    // Where the browser brings no window to the front, what was chosen is there all the same once its owner comes to it.
    await open.focus().catch(() => undefined);
    open.postMessage({ open: data });
  }
}

scope.addEventListener("install", (event) => event.waitUntil(keep()));
scope.addEventListener("activate", (event) => event.waitUntil(tidy()));
scope.addEventListener("message", ({ data }) => {
  if (data === "take over") void scope.skipWaiting();
});
scope.addEventListener("fetch", (event) => {
  const { request } = event;
  const url = request.url.replace(/[?#].*$/s, "");
  if (request.method !== "GET") return;
  if (url === invites) event.respondWith(answer(base, request));
  else if (known.has(url)) event.respondWith(answer(url, request));
});
scope.addEventListener("notificationclick", (event) => {
  event.notification.close();
  event.waitUntil(show(event.notification.data));
});
