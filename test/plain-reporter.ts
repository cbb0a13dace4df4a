import type { Reporter, TestCase, TestModule, TestSuite } from 'vitest/node';

/** As much of a run as its last lines need. */
type Module = Pick<TestModule, 'errors' | 'relativeModuleId'> & {
  children: {
    allTests: () => Iterable<Pick<TestCase, 'result' | 'diagnostic' | 'fullName'>>;
    allSuites: () => Iterable<Pick<TestSuite, 'errors'>>;
  };
};

/**
 * Last lines of a run: each test that passed only at its second try, with what it said at the first, because that is a fault to be mended;
 * then `N passed, N failed`, and `, N skipped` where any were, which is never silent.
 */
export function lastLines(modules: readonly Module[], unhandled: readonly unknown[], status: number): string[] {
  const count = { passed: 0, failed: unhandled.length, skipped: 0, pending: 0 };
  const retried: string[] = [];
  for (const module of modules) {
    // A file that could not even be loaded has no tests, but it has failed; so has a suite whose tests were left out, because its set-up failed.
    for (const part of [module, ...module.children.allSuites()]) if (part.errors().length > 0) count.failed += 1;
    for (const test of module.children.allTests()) {
      const { state, errors } = test.result();
      count[state] += 1;
      if (state !== 'passed' || test.diagnostic()?.flaky !== true) continue;
      const [first = 'no reason is known'] = (errors?.[0]?.message ?? '').split('\n').filter((line) => line !== '');
      retried.push(`  ${module.relativeModuleId} > ${test.fullName}`, `    ${first}`);
    }
  }
  // What is built before all tests could not be, say.
  if (status !== 0 && count.failed === 0) count.failed = 1;
  const skipped = count.skipped > 0 ? `, ${count.skipped} skipped` : '';
  const heading = `${retried.length / 2} passed only at the second try; that is a fault, mend it:`;
  return [
    ...(retried.length > 0 ? [heading, ...retried] : []),
    `${count.passed} passed, ${count.failed} failed${skipped}`,
  ];
}

/** Prints them behind everything else. */
class PlainReporter implements Reporter {
  onTestRunEnd(modules: readonly TestModule[], unhandled: readonly unknown[]): void {
    process.on('exit', (status) => process.stdout.write(`${lastLines(modules, unhandled, status).join('\n')}\n`));
  }
}

// Vitest loads reporters by their default export.
export default PlainReporter;
