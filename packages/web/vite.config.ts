import react from "@vitejs/plugin-react";
import { defineConfig } from "vite";
import { sealedLinks } from "./node/sealed-links.ts";
import { sideBySide } from "./node/side-by-side.ts";

/** Of the project's own packages only what is used of them goes where it is used: what importing them does alone is libsodium's beginning. */
const TREESHAKE = {
  moduleSideEffects: [
    {
      test: /packages\/(?:protocol|identity|client|conversion)\/src\/(?!sodium|work\/worker|search\/sqlite\/thread|thread)/,
      sideEffects: false,
    },
  ],
};

/** What others made that all views stand on. */
const REACT = /node_modules\/(?:react|react-dom|scheduler|wouter|regexparam|use-sync-external-store)\/|rolldown\/runtime/;
/** The same of ours: what `start` brings along stays with it, what takes react-aria is fetched with the first that needs it. */
const FRAME = new RegExp(
  [
    String.raw`web/src/app/(?!start|invite|preferences|theme|engine-state|main)`,
    String.raw`web/src/engine/(?!connect|start)`,
    String.raw`web/src/messages/(?!parts|en/|de/)`,
    String.raw`web/src/ui/(?!dialog-frame|menu-list|meter|qr-|radios|switch)`,
    String.raw`web/src/(?:offline/register|views/door/auto-lock)`,
  ].join("|"),
);
/** What the list of messages shares with the rooms beside it. */
const PLACES = new RegExp(
  [
    String.raw`web/src/views/shell/(?:connection|pane-header|screen)\.`,
    String.raw`web/src/views/mailbox/(?:acting|actions|dragging|folders|hiding|threads)\.`,
    String.raw`web/src/views/trust/(?:list-marks|notice-words|notices-button|notices-open|use-notices)\.`,
    "web/src/views/contacts/person-avatar",
  ].join("|"),
);

// The build is the same wherever it is served from: all addresses are relative.
export default defineConfig({
  base: "./",
  plugins: [react(), sealedLinks()],
  build: {
    outDir: "dist",
    target: ["chrome120", "firefox120", "safari17"],
    modulePreload: { polyfill: false },
    // Nothing is inlined: the policy that pages are served with allows no `data:`.
    assetsInlineLimit: 0,
    reportCompressedSize: false,
    chunkSizeWarningLimit: 2_000,
    rolldownOptions: {
      // What begins first is a file of its own, with nothing large in it: see build.ts.
      input: { index: "index.html", start: "src/app/start.ts" },
      checks: { pluginTimings: false },
      output: {
        entryFileNames: "assets/[name]-[hash].js",
        chunkFileNames: "assets/[name]-[hash].js",
        // What every visit needs is in few files: each has a price of its own, in its request and in the page's list of hashes.
        codeSplitting: {
          includeDependenciesRecursively: false,
          groups: [
            { name: "react", test: REACT },
            { name: "frame", test: FRAME },
            { name: "places", test: PLACES },
          ],
        },
      },
    },
  },
  worker: {
    format: "es",
    plugins: () => [sideBySide("start")],
    rolldownOptions: {
      treeshake: TREESHAKE,
      checks: { pluginTimings: false },
      output: {
        entryFileNames: "assets/[name]-[hash].js",
        chunkFileNames: "assets/[name]-[hash].js",
        // Cryptography in a file of its own: it changes seldom, so browsers fetch it once.
        codeSplitting: { groups: [{ name: "cryptography", test: /libsodium|rolldown\/runtime/ }] },
      },
    },
  },
});
