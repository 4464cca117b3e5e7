import { defineConfig } from "vitest/config";

// Tests that drive a real browser against real servers; `npm run test:web` builds the client first.
export default defineConfig({
  test: {
    root: import.meta.dirname,
    include: ["test/**/*.test.ts"],
    // Much of it is waiting for a page: two at once take two thirds of the time on two cores.
    maxWorkers: 2,
    testTimeout: 180_000,
    hookTimeout: 180_000,
    // Several things share the cores: what is waited for may take its time.
    expect: { poll: { timeout: 20_000 } },
  },
});
