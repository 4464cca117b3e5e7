import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    include: [
      "packages/!(web)/{src,test}/**/*.test.ts",
      "packages/web/{src,node}/**/*.test.ts",
      "demo/src/**/*.test.ts",
      "bench/src/**/*.test.ts",
      "hostile/src/**/*.test.ts",
      "scripts/**/*.test.ts",
    ],
    // Two cores are what a small machine has; Argon2id and TLS servers fill them.
    maxWorkers: 2,
    testTimeout: 120_000,
    hookTimeout: 120_000,
  },
});
