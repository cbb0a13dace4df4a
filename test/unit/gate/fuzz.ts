/**
 * How the random tests of this folder run: a number of cases in `npm test`; for a time of its own in `npm run fuzz` (test/fuzz.mjs).
 * The seed is always said, and a failure says it with the smallest case that fails: FUZZ_SEED=… repeats it.
 */
import * as fc from 'fast-check';

const minutes = Number(process.env['FUZZ_MINUTES'] ?? 0);
const seed = Number(process.env['FUZZ_SEED'] ?? Date.now() % 2 ** 31);

/** Longer than any of them takes. */
export const FUZZ_TIMEOUT_MS = 300_000 + minutes * 120_000;

export interface Fuzz {
  name: string;
  /** In `npm test`. */
  runs: number;
  /** How many properties of its file share the time of `npm run fuzz`. */
  sharedBy: number;
}

export function fuzz<T>({ name, runs, sharedBy }: Fuzz, property: fc.IProperty<T>): void {
  const began = performance.now();
  const limit = minutes > 0 ? { interruptAfterTimeLimit: (minutes * 60_000) / sharedBy } : {};
  const numRuns = minutes > 0 ? Number.MAX_SAFE_INTEGER : Number(process.env['FUZZ_RUNS'] ?? runs);
  const details = fc.check(property, { seed, numRuns, ...limit });
  const seconds = (performance.now() - began) / 1000;
  console.log(`${name}: seed ${seed}, ${details.numRuns} cases, ${Math.round(details.numRuns / seconds)} a second`);
  if (!details.failed) return;
  throw new Error(`FUZZ_SEED=${seed}: ${fc.defaultReportMessage(details)}`, { cause: details.errorInstance });
}
