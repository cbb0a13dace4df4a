import { defineConfig } from 'vitest/config';

/** `npm run test:compat`: drivers as people install them, one worker fleet at a time. Not part of `npm test`: it needs Packagist and minutes. */
export default defineConfig({
  test: {
    include: ['test/compat/**/*.test.ts'],
    globalSetup: ['./test/build-once.ts', './test/compat/set-up.ts'],
    reporters: ['verbose', './test/compat/table-reporter.ts', './test/plain-reporter.ts'],
    pool: 'forks',
    fileParallelism: false,
    testTimeout: 120_000,
    hookTimeout: 120_000,
  },
});
