import { defineConfig } from 'vitest/config';

/** `npm run test:soak`: SOAK_MINUTES (20) of a whole site under trouble; SOAK_SEED repeats one. Not part of `npm test`: it takes its time. */
export default defineConfig({
  test: {
    include: ['test/soak/**/*.test.ts'],
    globalSetup: ['./test/build-once.ts'],
    reporters: ['verbose', './test/plain-reporter.ts'],
    pool: 'forks',
    // Its progress is shown as it goes.
    disableConsoleIntercept: true,
    hookTimeout: 200_000,
  },
});
