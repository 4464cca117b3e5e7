import type { Plugin } from "vite";

/** Where the bundler's helper has made a link to a file that a view needs. */
const LINK_MADE = /link\.href\s*=\s*([\w.]+);/;
/**
 * Where it remembers what was refused as if that had come. The page would then be shown without that style to whoever asks once more, so
 * it is forgotten, and the link goes.
 */
const REFUSED = /seen\[href\]\s*=\s*(?:void 0|undefined);\s*throw/;
const REJECTED = /(\(e\.type === "error"\)\s*)rej\(/;
/** Runs in the page. A file whose hash it doesn't find isn't fetched. */
const INTEGRITY_OF = `
function integrityOf(address) {
  const { integrity } = JSON.parse(document.querySelector('script[type="importmap"]').textContent);
  for (const [path, hash] of Object.entries(integrity)) if (new URL(path, document.baseURI).href === address) return hash;
  throw new Error("no hash of " + address);
}`;

/**
 * Has every link that is made for a view which is fetched later carry the hash of its file, which stands in the page's import map
 * (build.ts). Browsers look there by themselves for scripts, but not for styles.
 */
export function sealedLinks(): Plugin {
  return {
    name: "sealed-links",
    apply: "build",
    transform: {
      filter: { id: /vite\/preload-helper/ },
      handler(code) {
        if (![LINK_MADE, REFUSED, REJECTED].every((place) => place.test(code))) {
          throw new Error("the bundler makes links in another way: nothing would hold their files against a hash");
        }
        const sealed = code
          .replace(LINK_MADE, (made) => `${made}link.integrity=integrityOf(link.href);`)
          .replace(REFUSED, "delete seen[href]; throw")
          .replace(REJECTED, (_all, condition: string) => `${condition}link.remove(), rej(`);
        return { code: `${sealed}\n${INTEGRITY_OF}`, map: null };
      },
    },
  };
}
