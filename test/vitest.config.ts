import { defineConfig } from 'vitest/config';

/** Three kinds: pure tests, the simulator, and real processes. Two files at a time: those of real processes mostly wait. */
export default defineConfig({
  test: {
    maxWorkers: 2,
    reporters: ['default', './test/plain-reporter.ts'],
    // Not what it takes, but what it may take on a machine that does twelve other things: here and below.
    expect: { poll: { timeout: 50_000 } },
    projects: [
      {
        extends: true,
        test: { name: 'unit', include: ['test/unit/**/*.test.ts'], testTimeout: 60_000, hookTimeout: 60_000 },
      },
      { extends: true, test: { name: 'sim', include: ['test/sim/**/*.test.ts'], testTimeout: 300_000 } },
      {
        extends: true,
        test: {
          name: 'e2e',
          include: ['test/e2e/**/*.test.ts'],
          globalSetup: ['./test/build-once.ts'],
          pool: 'forks',
          testTimeout: 200_000,
          hookTimeout: 200_000,
          // The last net under real processes, and a loud one: test/plain-reporter.ts names whoever needed it.
          retry: 1,
        },
      },
    ],
  },
});
