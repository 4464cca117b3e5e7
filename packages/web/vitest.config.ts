import { defineConfig } from "vitest/config";

// Tests that drive a real browser against real servers; `npm run test:web` builds the client first.
export default defineConfig({
  test: {
    root: import.meta.dirname,
    include: ["test/**/*.test.ts"],
    // A browser, two servers and Argon2id fill two cores.
    maxWorkers: 1,
    testTimeout: 180_000,
    hookTimeout: 180_000,
    // Several things share the cores: what is waited for may take its time.
    expect: { poll: { timeout: 20_000 } },
  },
});
