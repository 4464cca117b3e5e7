import { defineConfig } from "vitest/config";

// What needs programs of Debian's beside this repository: an authority for certificates and a name server.
export default defineConfig({
  test: {
    dir: import.meta.dirname,
    include: ["src/**/*.test.ts"],
    maxWorkers: 1,
    testTimeout: 60_000,
    hookTimeout: 60_000,
  },
});
