import { defineConfig } from 'vitest/config';

/** Three kinds: pure tests, the simulator, and real processes. Two files at a time: those of real processes mostly wait. */
export default defineConfig({
  test: {
    maxWorkers: 2,
    reporters: ['default', './test/plain-reporter.ts'],
    projects: [
      { extends: true, test: { name: 'unit', include: ['test/unit/**/*.test.ts'], testTimeout: 20_000 } },
      { extends: true, test: { name: 'sim', include: ['test/sim/**/*.test.ts'], testTimeout: 300_000 } },
      {
        extends: true,
        test: {
          name: 'e2e',
          include: ['test/e2e/**/*.test.ts'],
          globalSetup: ['./test/build-once.ts'],
          pool: 'forks',
          testTimeout: 120_000,
          hookTimeout: 120_000,
        },
      },
    ],
  },
});
