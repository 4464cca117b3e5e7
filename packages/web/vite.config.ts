import react from "@vitejs/plugin-react";
import { defineConfig } from "vite";

// The build is the same wherever it is served from: all addresses are relative.
export default defineConfig({
  base: "./",
  plugins: [react()],
  build: {
    outDir: "dist",
    target: ["chrome120", "firefox120", "safari17"],
    modulePreload: { polyfill: false },
    // Nothing is inlined: the policy that pages are served with allows no `data:`.
    assetsInlineLimit: 0,
    reportCompressedSize: false,
    chunkSizeWarningLimit: 2_000,
    rolldownOptions: {
      checks: { pluginTimings: false },
      output: { entryFileNames: "assets/[name]-[hash].js", chunkFileNames: "assets/[name]-[hash].js" },
    },
  },
  worker: {
    format: "es",
    rolldownOptions: {
      checks: { pluginTimings: false },
      output: {
        entryFileNames: "assets/[name]-[hash].js",
        chunkFileNames: "assets/[name]-[hash].js",
        // Cryptography in a file of its own: it changes seldom, so browsers fetch it once.
        codeSplitting: { groups: [{ name: "cryptography", test: /libsodium/ }] },
      },
    },
  },
});
