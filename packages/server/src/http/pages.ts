import type { BaseUrl } from "@smimp/protocol";

/** Pages run nothing, load nothing and send nothing; only their own style is allowed, by its hash-free inline form. */
export const PAGE_CONTENT_SECURITY_POLICY =
  "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

const STYLE = `:root{color-scheme:light dark}body{font:1.05rem/1.6 system-ui,sans-serif;max-width:40rem;margin:3rem auto;padding:0 1.2rem}
pre{padding:.8rem 1rem;border:1px solid #8888;border-radius:.4rem;overflow-x:auto}h1{line-height:1.2}`;

/** The page at the base URL: what this is. */
export function landingPage(site: { readonly name: string; readonly baseUrl: BaseUrl }): string {
  return page(
    site.name,
    `<h1>${escape(site.name)}</h1>
<p>This is a server of SMIMP, the Simple Messaging and Identity Management Protocol. Messages are sealed on the sender's
device and opened on the recipient's; this server can't read them.</p>
<p>Were you invited? Then open the link that you were given: it leads to <a href="${escape(site.baseUrl)}join">how to join</a>.</p>
<p>For programs: <a href="${escape(site.baseUrl)}1.0/openapi.json">the interface as OpenAPI</a>.</p>`,
  );
}

/** The page that an invite link opens. The code stands behind the `#`, which browsers don't send. */
export function joinPage(site: { readonly name: string; readonly baseUrl: BaseUrl }): string {
  return page(
    `Join ${site.name}`,
    `<h1>Join ${escape(site.name)}</h1>
<p>You were invited to an address on this server. Your keys are made on your own device, so joining takes the
<code>smimp</code> program:</p>
<pre>smimp join</pre>
<p>It asks for the invite link: copy it whole, with everything behind the <code>#</code>, from your browser's address bar.
The part behind the <code>#</code> is your one-time code. Your browser has not sent it anywhere; keep it to yourself.</p>
<p>Then write down the 24 words that <code>smimp</code> shows you. They are the only way back to your address and your messages
if you lose your device: nobody here can help without them.</p>`,
  );
}

function page(title: string, body: string): string {
  return `<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>${escape(title)}</title><style>${STYLE}</style></head>
<body>
${body}
</body>
</html>
`;
}

function escape(text: string): string {
  return text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
}
