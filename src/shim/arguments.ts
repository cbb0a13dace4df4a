import { isAbsolute } from 'node:path';
import { parseArgs } from 'node:util';
import { MAX_INTERVAL_MS, MIN_INTERVAL_MS } from './messages.ts';

export interface ShimArguments {
  stateDir: string;
  samplingMs: number;
}

const DEFAULT_SAMPLING_MS = 250;

/** Parse `--state-dir DIR [--sampling MS]`; throws a sentence. */
export function parseShimArguments(argv: readonly string[]): ShimArguments {
  const { values } = parseArgs({
    args: [...argv],
    options: { 'state-dir': { type: 'string' }, sampling: { type: 'string' } },
  });
  const stateDir = values['state-dir'];
  if (stateDir === undefined || !isAbsolute(stateDir)) {
    throw new Error(`--state-dir: expected an absolute path, found ${stateDir ?? 'nothing'}.`);
  }
  const samplingMs = Number(values.sampling ?? DEFAULT_SAMPLING_MS);
  if (!(samplingMs >= MIN_INTERVAL_MS && samplingMs <= MAX_INTERVAL_MS)) {
    throw new Error(`--sampling: expected milliseconds from ${MIN_INTERVAL_MS}, found ${values.sampling}.`);
  }
  return { stateDir, samplingMs };
}
